//! Photos: upright, bounded, nothing but pixels.

use ayumi_core::app::{Error, Handbook, ListFilter, NewChild, NewEntry};
use ayumi_core::model::limits::{PHOTO_BYTES, PHOTO_EDGE};
use ayumi_core::model::notebook::Sex;
use ayumi_core::photo::prepare;
use ayumi_tests::fixture;
use ayumi_tests::handbook::{config, day, scratch};

/// Drawn lying on its side, with orientation 6, GPS position, camera, serial number and time in its EXIF.
fn original() -> Vec<u8> {
    std::fs::read(fixture("photos/garden.jpg")).unwrap()
}

#[test]
fn position_camera_and_time_are_gone_and_the_picture_stands_upright() {
    let bytes = original();
    let holds = |bytes: &[u8], word: &[u8]| bytes.windows(word.len()).any(|w| w == word);
    for word in [&b"Exif"[..], b"TESTMAKER", b"TEST-CAMERA-1", b"SN-0000-TEST", b"2024:05:03"] {
        assert!(holds(&bytes, word), "the original has it");
    }
    let kept = prepare(&bytes).unwrap();
    for picture in [&kept.data, &kept.thumb] {
        for word in [&b"Exif"[..], b"TESTMAKER", b"TEST-CAMERA-1", b"SN-0000-TEST", b"2024:05:03", b"GPS"] {
            assert!(!holds(picture, word));
        }
    }
    assert_eq!((kept.width, kept.height), (640, 800), "turned upright");
    // The sun stands top right: yellow there, sky top left.
    let picture = image::load_from_memory(&kept.data).unwrap().to_rgb8();
    let (sun, sky) = (picture.get_pixel(500, 120), picture.get_pixel(100, 100));
    assert!(sun[0] > 220 && sun[2] < 140, "{sun:?}");
    assert!(sky[2] > 220, "{sky:?}");
}

#[test]
fn large_pictures_are_scaled_and_what_is_none_is_refused() {
    let noise = image::RgbImage::from_fn(5000, 3000, |x, y| {
        let n = (x.wrapping_mul(2_654_435_761) ^ y.wrapping_mul(40_503)).wrapping_mul(2_246_822_519);
        image::Rgb([n as u8, (n >> 8) as u8, (n >> 16) as u8])
    });
    let mut png = std::io::Cursor::new(Vec::new());
    image::DynamicImage::from(noise).write_to(&mut png, image::ImageFormat::Png).unwrap();
    let kept = prepare(png.get_ref()).unwrap();
    assert!(kept.width.max(kept.height) <= PHOTO_EDGE && kept.data.len() <= PHOTO_BYTES);
    for bad in [&b""[..], b"not a picture", &original()[..500], b"\xff\xd8\xff\xe0"] {
        assert!(prepare(bad).is_err());
    }
}

#[test]
fn photos_go_with_their_entry_and_with_the_export() {
    let (folder, book) = scratch();
    let child = NewChild { name: "さくら".into(), sex: Sex::Female, born: day("2024-05-03"), ..NewChild::default() };
    let child = book.notebooks().add_child(&child).unwrap();
    let new =
        NewEntry::typed(child, "diary", "2025-05-03", &[("text", "花")]).unwrap().with_photo(&original()).unwrap();
    let id = book.entries().add(&new).unwrap();
    let alone =
        NewEntry::typed(child, "photo", "2025-05-04", &[("caption", "庭")]).unwrap().with_photo(&original()).unwrap();
    let alone = book.entries().add(&alone).unwrap();
    let photos = book.entries().photos_of(id).unwrap();
    assert_eq!(photos.len(), 1);
    assert_eq!(book.entries().photos_of(alone).unwrap()[0].id, alone);
    let data = book.entries().photo(&photos[0]).unwrap();
    assert!(book.entries().thumbnail(&photos[0]).unwrap().len() < data.len());
    assert!(matches!(
        NewEntry::typed(child, "diary", "2025-05-03", &[]).unwrap().with_photo(b"x"),
        Err(Error::Invalid { .. })
    ));
    let html = book.export().html(child).unwrap();
    assert_eq!(html.matches("data:image/jpeg").count(), 2);
    // The day of the entry may change; its photo stays with it.
    book.entries().edit(id, &[("on", "2025-05-01")]).unwrap();
    assert_eq!(book.entries().photos_of(id).unwrap(), photos);
    let (_other_folder, other) = scratch();
    let plan = other.import().plan_json(&book.export().json(child).unwrap()).unwrap();
    other.import().apply(plan, false).unwrap();
    assert_eq!(other.entries().photo(photos[0].id).unwrap(), data);
    assert!(other.doctor().examine(&mut |_, _| ()).unwrap().findings.is_empty());
    assert_eq!(other.doctor().examine(&mut |_, _| ()).unwrap().photos, 2);
    drop(book);
    let book = Handbook::open(&config(folder.path())).unwrap();
    assert_eq!(book.entries().list(child, &ListFilter::default()).unwrap().len(), 3);
}
