"""Six words by which two people compare a join: 66 bits of its statement's hash."""

FIRST = """
    あお あか あき あさ あじさい あめ あんず いずみ いちご うみ うめ おか おと おひさま おもちゃ かえで かがみ かぜ かみ きいろ くさ くも くり くるみ ごま こむぎ さくら さとう しろ すず
    すみれ そら たけ たんぽぽ ちゃいろ つき つばき つゆ なつ なみ にじ にわ はちみつ はな はやし はる ひかり ひるま ふえ ふゆ ぶどう ほし まつ まめ みかん みどり みなと むぎわら もも
    もり やま ゆうやけ ゆき よぞら
""".split()
SECOND = """
    あひる いす うさぎ うま おうち かえる かご かさ かめ きつね くじら くつ こいぬ こねこ ことり こま たぬき つばめ つみき てぶくろ でんしゃ とんぼ はし ひつじ ふうせん ふね ぼうし ぼたん
    まり みち りす りぼん
""".split()


def of(digest):
    bits = int.from_bytes(digest, "big") >> 256 - 66
    numbers = [bits >> 11 * at & 2047 for at in reversed(range(6))]
    return [FIRST[number >> 5] + SECOND[number & 31] for number in numbers]
