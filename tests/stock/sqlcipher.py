"""The stock SQLCipher (PyPI sqlcipher3-binary, OpenSSL) reads and writes a handbook that `ayumi` made."""
import json
import os
import subprocess
import sys
import tempfile

import sqlcipher3

KEY = "2b" * 32
AYUMI = sys.argv[1]


def ayumi(home, *args):
    done = subprocess.run(
        [AYUMI, "--home", home, "--json", *args],
        env={**os.environ, "AYUMI_KEY": KEY},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, (args, done.stderr)
    return json.loads(done.stdout)


def stock(home):
    path = os.path.join(home, "handbook.db")
    with open(path, "rb") as file:
        salt = file.read(16).hex()
    connection = sqlcipher3.connect(path)
    connection.execute(f"PRAGMA key = \"x'{KEY}{salt}'\"")
    connection.execute("PRAGMA cipher_page_size = 2048")
    return connection


with tempfile.TemporaryDirectory() as home:
    ayumi(home, "init", "--carer", "母")
    child = ayumi(home, "notebook", "add", "child", "--name", "x", "--sex", "female", "--born", "2024-05-03")["id"]
    for n in range(5):
        ayumi(home, "entry", "add", child, "diary", "--on", "2025-05-03", f"text=あゆみ {n}")
    table = os.path.join(home, "many.csv")
    with open(table, "w", encoding="utf-8") as file:
        file.write("日付,体重,メモ\n" + "".join(f"2025-01-{n % 28 + 1:02},{8 + n / 1000},メモ{n}\n" for n in range(2000)))
    ayumi(home, "import", table, "--notebook", child)

    connection = stock(home)
    assert connection.execute("PRAGMA cipher_integrity_check").fetchall() == [], "every page's tag, by the stock tool"
    assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    count = connection.execute("SELECT count(*) FROM entries").fetchone()[0]
    assert count == 2006, count
    provider = connection.execute("PRAGMA cipher_provider").fetchone()[0]
    assert provider == "openssl", provider
    # Writes through it: new pages, rewritten pages, a new page count.
    connection.execute("UPDATE meta SET value = '父' WHERE key = 'carer'")
    connection.execute("CREATE TABLE stock (n INTEGER PRIMARY KEY, text TEXT)")
    connection.executemany("INSERT INTO stock (text) VALUES (?)", [("x" * 500,) for _ in range(500)])
    connection.commit()
    connection.close()

    doctor = ayumi(home, "doctor")
    assert doctor["healthy"] and doctor["entries"] == 2006, doctor
    assert len(ayumi(home, "entry", "list", child, "--limit", "9999")) == 2005
    print(f"stock SQLCipher {sqlcipher3.sqlite_version} read and wrote a handbook of {count} entries; the doctor found nothing")
