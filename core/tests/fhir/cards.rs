//! SMART Health Cards: the specification's own examples.

use ayumi_core::app::{Error, Import, Locale, NewChild};
use ayumi_core::fhir::card::{BadCard, CARD_BYTES, read};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::json;

use super::{foreign, handbook, with_child};

fn token(payload: &[u8], zip: &str) -> String {
    let header = json!({"zip": zip, "alg": "ES256", "kid": "x"}).to_string();
    let parts = [header.as_bytes(), payload, b"no signature"].map(|part| URL_SAFE_NO_PAD.encode(part));
    parts.join(".")
}

#[test]
fn the_same_card_reads_alike_as_token_file_and_qr_code() {
    let read = |name: &str| read(std::str::from_utf8(&foreign(name)).unwrap().trim()).unwrap();
    let card = read("shc-example-00-d-jws.txt");
    assert_eq!(card.len(), 1);
    assert_eq!(card[0].issuer, "https://spec.smarthealth.cards/examples/issuer");
    assert_eq!(card[0].bundle["entry"].as_array().unwrap().len(), 4);
    assert_eq!(card, read("shc-example-00-e-file.smart-health-card"));
    assert_eq!(card, read("shc-example-00-f-qr-code-numeric-value-0.txt"));
}

#[test]
fn a_card_says_that_nobody_checked_its_signature() {
    for (locale, words) in [
        (Locale::Ja, "署名は確認していません"),
        (Locale::JaEasy, "確認(かくにん)して いません"),
        (Locale::En, "The signature was not checked"),
    ] {
        let (_folder, book) = handbook(locale);
        let born = "1951-01-20".parse().unwrap();
        let person = NewChild { name: "John".into(), born, ..NewChild::default() };
        let person = book.notebooks().add_child(&person).unwrap();
        let file = foreign("shc-example-00-f-qr-code-numeric-value-0.txt");
        assert!(Import::looks_like_fhir(&file));
        let plan = book.import().plan_fhir(Some(person), &file).unwrap();
        let keys: Vec<&str> = plan.rows.iter().map(|row| row.outcome.key()).collect();
        assert_eq!(keys, ["left_out", "add", "add", "add"]);
        let fields = plan.fields(&plan.rows[1]);
        assert_eq!(fields["vaccine"], "other", "CVX 207 is none of the handbook's products");
        assert_eq!(fields["maker_lot"], "http://hl7.org/fhir/sid/cvx 207 / 0000001");
        assert_eq!(fields["doctor"], "ABC General Hospital");
        let remark = fields["remark"].as_str().unwrap();
        assert!(
            remark.contains(words) && remark.contains("https://spec.smarthealth.cards/examples/issuer"),
            "{remark}"
        );
        book.import().apply(plan, false).unwrap();
        let again = book.import().plan_fhir(Some(person), &file).unwrap();
        assert_eq!(again.count("already_there"), 3);
    }
}

#[test]
fn a_card_in_three_codes_is_read_when_all_are_there() {
    let parts: Vec<String> = (0..3)
        .map(|part| String::from_utf8(foreign(&format!("shc-example-02-f-qr-code-numeric-value-{part}.txt"))).unwrap())
        .collect();
    let all = format!("{}\n{}\n{}\n", parts[2], parts[0], parts[1]);
    assert_eq!(read(&all).unwrap().len(), 1);
    assert_eq!(read(&format!("{}\n{}", parts[0], parts[2])), Err(BadCard::PartMissing));
    // A summary of a stranger: nothing of it is a dose, and each resource is named.
    let (_folder, book, child) = with_child("2024-05-03");
    let plan = book.import().plan_fhir(Some(child), all.as_bytes()).unwrap();
    assert_eq!(plan.count("left_out"), plan.rows.len());
    assert_eq!(plan.rows.len(), read(&all).unwrap()[0].bundle["entry"].as_array().unwrap().len());
}

#[test]
fn somebody_else_s_card_does_not_come_in() {
    let (_folder, book, child) = with_child("2024-05-03");
    let plan = book.import().plan_fhir(Some(child), &foreign("shc-example-00-d-jws.txt")).unwrap();
    assert_eq!((plan.count("add"), plan.count("problem")), (0, 3));
}

/// A kilobyte that unpacks to a gigabyte.
#[test]
fn a_card_that_unpacks_for_ever_is_refused() {
    let (_folder, book, child) = with_child("2024-05-03");
    let bomb = miniz_oxide::deflate::compress_to_vec(&vec![b' '; 64 * CARD_BYTES], 9);
    assert!(bomb.len() < 100_000);
    let card = token(&bomb, "DEF");
    assert_eq!(read(&card), Err(BadCard::TooLarge));
    let refused = book.import().plan_fhir(Some(child), card.as_bytes());
    assert!(matches!(refused, Err(Error::Invalid { why }) if why.field == "file"));
    let many = vec![card; 101].join("\n");
    assert_eq!(read(&many), Err(BadCard::TooLarge));
}

#[test]
fn what_is_no_card_is_said_to_be_none() {
    for text in [
        "shc:/",
        "shc:/5",
        "shc:/99",
        "shc:/ab",
        "shc:/0/1/56",
        "shc:/2/1/56",
        "shc:/1/999999999999/56",
        "shc:/1/2/56 shc:/1/3/56",
        "shc:/1/1/56/56",
        "eyJ.x.y",
        "{\"verifiableCredential\": []}",
        "{\"verifiableCredential\": [7]}",
        "{\"verifiableCredential\": [\"..\"]}",
        &token(b"{}", "DEF"),
        &token(b"{}", "GZIP"),
        &token(b"{\"iss\": \"x\"}", ""),
    ] {
        assert!(read(text).is_err(), "{text}");
    }
}
