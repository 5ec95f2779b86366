//! A photo as it is kept: upright, scaled, nothing but pixels, and its thumbnail.
//!
//! The picture is decoded and written anew, so position, camera, time and every other tag of the original are gone: not
//! filtered, but never copied. Limits guard against files that unfold to gigabytes, and are tighter for what somebody else sends as
//! a picture that is kept already.

use std::io::Cursor;

use image::codecs::jpeg::JpegEncoder;
use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder, ImageFormat, ImageReader, Limits, RgbImage, RgbaImage, imageops};

use crate::model::limits::{PHOTO_BYTES, PHOTO_EDGE, THUMBNAIL_BYTES, THUMBNAIL_EDGE};

/// Bytes of an original that are read at all.
pub const ORIGINAL_BYTES: usize = 64 * 1024 * 1024;
const QUALITIES: [u8; 4] = [85, 75, 60, 45];
const THUMBNAIL_QUALITIES: [u8; 4] = [75, 60, 45, 30];

/// How much of a file is decoded at most.
struct Most {
    bytes: usize,
    /// Pixels.
    edge: u32,
    /// Bytes of pixels.
    decoded: u64,
    /// Whether it must be a JPEG: all that is kept is.
    is_kept: bool,
}

impl Most {
    const fn of_kept(bytes: usize, edge: u32) -> Self {
        Self { bytes, edge, decoded: edge as u64 * edge as u64 * 4, is_kept: true }
    }
}

const ORIGINAL: Most = Most { bytes: ORIGINAL_BYTES, edge: 20_000, decoded: 512 * 1024 * 1024, is_kept: false };
const PHOTO: Most = Most::of_kept(PHOTO_BYTES, PHOTO_EDGE);
/// Those that were made before were not made to fit.
const THUMBNAIL: Most = Most::of_kept(128 * 1024, THUMBNAIL_EDGE);

/// The file is no picture that can be read (JPEG, PNG or WebP), or too large.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a JPEG, PNG or WebP picture, or too large")]
pub struct NotAPicture;

/// A photo ready to be kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prepared {
    /// JPEG without metadata, at most [`PHOTO_BYTES`].
    pub data: Vec<u8>,
    /// Small JPEG, at most [`THUMBNAIL_BYTES`].
    pub thumb: Vec<u8>,
    /// Pixels.
    pub width: u32,
    /// Pixels.
    pub height: u32,
}

/// Makes a photo ready to be kept.
pub fn prepare(original: &[u8]) -> Result<Prepared, NotAPicture> {
    let picture = decode(original, &ORIGINAL)?;
    let edge = picture.width().max(picture.height());
    let mut kept = if edge > PHOTO_EDGE { scaled(&picture, PHOTO_EDGE, PHOTO_EDGE) } else { picture };
    let data = loop {
        let fits = QUALITIES.iter().find_map(|quality| {
            let data = encode(&kept, *quality).ok()?;
            (data.len() <= PHOTO_BYTES).then_some(data)
        });
        match fits {
            Some(data) => break data,
            // Noise that will not compress: half the pixels, again.
            None if kept.width().min(kept.height()) > 1 => {
                kept = scaled(&kept, kept.width() / 2, kept.height() / 2);
            }
            None => return Err(NotAPicture),
        }
    };
    let thumb = thumbnail(&kept)?;
    Ok(Prepared { data, thumb, width: kept.width(), height: kept.height() })
}

/// The thumbnail of a photo that is kept already, by this device or by another one.
///
/// # Errors
/// [`NotAPicture`] if it is none, or not one that any device keeps as a photo.
pub fn thumbnail_of(data: &[u8]) -> Result<Vec<u8>, NotAPicture> {
    thumbnail(&decode(data, &PHOTO)?)
}

/// Whether something that another device sent is a thumbnail: a small JPEG, whole.
pub fn is_thumbnail(data: &[u8]) -> bool {
    decode(data, &THUMBNAIL).is_ok()
}

/// Makes a thumbnail that is as long as others, once it is sealed.
fn thumbnail(picture: &RgbImage) -> Result<Vec<u8>, NotAPicture> {
    let mut edge = THUMBNAIL_EDGE;
    while edge > 0 {
        let small = scaled(picture, edge, edge);
        for quality in THUMBNAIL_QUALITIES {
            let data = encode(&small, quality)?;
            if data.len() <= THUMBNAIL_BYTES {
                return Ok(data);
            }
        }
        edge /= 2;
    }
    Err(NotAPicture)
}

/// Decodes a picture into the one pixel format that is kept: code for all others would weigh on the phone.
fn decode(original: &[u8], most: &Most) -> Result<RgbImage, NotAPicture> {
    if original.len() > most.bytes {
        return Err(NotAPicture);
    }
    let mut reader = ImageReader::new(Cursor::new(original)).with_guessed_format().map_err(|_| NotAPicture)?;
    if most.is_kept && reader.format() != Some(ImageFormat::Jpeg) {
        return Err(NotAPicture);
    }
    let mut limits = Limits::default();
    limits.max_image_width = Some(most.edge);
    limits.max_image_height = Some(most.edge);
    limits.max_alloc = Some(most.decoded);
    reader.limits(limits);
    let mut decoder = reader.into_decoder().map_err(|_| NotAPicture)?;
    let (width, height) = decoder.dimensions();
    let edge = width.max(height);
    if u64::from(width) * u64::from(height) * 4 > most.decoded || edge > most.edge || width == 0 || height == 0 {
        return Err(NotAPicture);
    }
    // A picture whose orientation cannot be read is kept as it lies.
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let picture = DynamicImage::from_decoder(decoder).map_err(|_| NotAPicture)?;
    let picture = if picture.color().has_alpha() { over_white(&picture.into_rgba8()) } else { picture.into_rgb8() };
    Ok(upright(picture, orientation))
}

/// Lays a picture with transparent parts over white, as it was shown on paper or on a page. What is kept knows no transparency.
fn over_white(picture: &RgbaImage) -> RgbImage {
    RgbImage::from_fn(picture.width(), picture.height(), |x, y| {
        let [r, g, b, alpha] = picture.get_pixel(x, y).0;
        let mix = |c: u8| {
            let (c, alpha) = (u32::from(c), u32::from(alpha));
            u8::try_from((c * alpha + 255 * (255 - alpha) + 127) / 255).unwrap_or(u8::MAX)
        };
        image::Rgb([mix(r), mix(g), mix(b)])
    })
}

fn upright(mut picture: RgbImage, orientation: Orientation) -> RgbImage {
    match orientation {
        Orientation::NoTransforms => {}
        Orientation::Rotate90 => picture = imageops::rotate90(&picture),
        Orientation::Rotate180 => imageops::rotate180_in_place(&mut picture),
        Orientation::Rotate270 => picture = imageops::rotate270(&picture),
        Orientation::FlipHorizontal => imageops::flip_horizontal_in_place(&mut picture),
        Orientation::FlipVertical => imageops::flip_vertical_in_place(&mut picture),
        Orientation::Rotate90FlipH => {
            picture = imageops::rotate90(&picture);
            imageops::flip_horizontal_in_place(&mut picture);
        }
        Orientation::Rotate270FlipH => {
            picture = imageops::rotate270(&picture);
            imageops::flip_horizontal_in_place(&mut picture);
        }
    }
    picture
}

/// Scales a picture to fit into a box, its proportions kept.
fn scaled(picture: &RgbImage, width: u32, height: u32) -> RgbImage {
    let (from_width, from_height) = (f64::from(picture.width()), f64::from(picture.height()));
    let ratio = (f64::from(width) / from_width).min(f64::from(height) / from_height);
    let side = |from: f64| ((from * ratio).round() as u32).max(1);
    imageops::thumbnail(picture, side(from_width), side(from_height))
}

fn encode(picture: &RgbImage, quality: u8) -> Result<Vec<u8>, NotAPicture> {
    let mut data = Vec::new();
    let encoder = JpegEncoder::new_with_quality(&mut data, quality);
    picture.write_with_encoder(encoder).map_err(|_| NotAPicture)?;
    Ok(data)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A picture in which every pixel differs.
    fn picture() -> RgbImage {
        RgbImage::from_fn(7, 4, |x, y| image::Rgb([(x * 30) as u8, (y * 60) as u8, (x * y) as u8]))
    }

    /// Case 10: a transparent PNG became a black rectangle. Expected: the formula "over" of Porter and Duff with white behind it.
    #[test]
    fn what_is_transparent_is_laid_over_white() {
        let clear = image::Rgba([0, 0, 0, 0]);
        let half = image::Rgba([255, 0, 0, 128]);
        let picture = RgbaImage::from_fn(64, 64, |x, _| if x < 32 { clear } else { half });
        let grey = image::GrayAlphaImage::from_pixel(64, 64, image::LumaA([0, 0]));
        let mut files = Vec::new();
        for (format, picture) in [
            (image::ImageFormat::Png, DynamicImage::ImageRgba8(picture.clone())),
            (image::ImageFormat::WebP, DynamicImage::ImageRgba8(picture)),
        ] {
            let mut file = Cursor::new(Vec::new());
            picture.write_to(&mut file, format).unwrap();
            files.push(file.into_inner());
        }
        for file in &files {
            let kept = prepare(file).unwrap();
            for data in [&kept.data, &kept.thumb] {
                let shown = image::load_from_memory(data).unwrap().into_rgb8();
                let (left, right) = (shown.get_pixel(4, 4).0, shown.get_pixel(shown.width() - 5, 4).0);
                assert!(left.iter().all(|c| *c > 250), "{left:?}");
                assert!(right[0] > 250 && right[1].abs_diff(127) < 6 && right[2].abs_diff(127) < 6, "{right:?}");
            }
        }
        let mut file = Cursor::new(Vec::new());
        DynamicImage::ImageLumaA8(grey).write_to(&mut file, image::ImageFormat::Png).unwrap();
        let shown = image::load_from_memory(&prepare(&file.into_inner()).unwrap().data).unwrap().into_luma8();
        assert!(shown.get_pixel(9, 9).0[0] > 250, "grey with transparency, too");
    }

    fn noise(width: u32, height: u32) -> RgbImage {
        RgbImage::from_fn(width, height, |x, y| {
            let n = (x.wrapping_mul(2_654_435_761) ^ y.wrapping_mul(40_503)).wrapping_mul(2_246_822_519);
            image::Rgb([n as u8, (n >> 8) as u8, (n >> 16) as u8])
        })
    }

    #[test]
    fn a_thumbnail_is_made_to_fit_however_rough_its_photo_is() {
        for picture in [picture(), noise(2048, 1365), noise(256, 256)] {
            let mut file = Cursor::new(Vec::new());
            DynamicImage::from(picture).write_to(&mut file, ImageFormat::Png).unwrap();
            let kept = prepare(file.get_ref()).unwrap();
            assert!(kept.thumb.len() <= THUMBNAIL_BYTES, "{} bytes", kept.thumb.len());
            assert!(is_thumbnail(&kept.thumb));
            assert!(thumbnail_of(&kept.data).unwrap().len() <= THUMBNAIL_BYTES);
        }
    }

    /// What an attacker wants: a few bytes from another device that unfold to more than a phone has.
    #[test]
    fn what_another_device_sends_unfolds_to_no_more_than_a_picture_that_is_kept() {
        let jpeg = |width, height| encode(&RgbImage::new(width, height), 30).unwrap();
        assert!(is_thumbnail(&jpeg(THUMBNAIL_EDGE, THUMBNAIL_EDGE)) && is_thumbnail(&jpeg(1, 1)));
        assert!(!is_thumbnail(&jpeg(THUMBNAIL_EDGE + 1, 1)) && !is_thumbnail(&jpeg(1, 4000)));
        assert!(thumbnail_of(&jpeg(PHOTO_EDGE, PHOTO_EDGE)).is_ok());
        assert_eq!(thumbnail_of(&jpeg(PHOTO_EDGE + 1, 1)), Err(NotAPicture));
        let whole = jpeg(64, 64);
        assert!(!is_thumbnail(&[&whole[..], &vec![0; 128 * 1024]].concat()), "more bytes than one chunk has");
        // A header that says 65,535 pixels each way, behind which nothing stands.
        let size = whole.windows(4).position(|bytes| bytes == [0, 64, 0, 64]).unwrap();
        let mut bomb = whole.clone();
        bomb[size..size + 4].fill(0xff);
        for picture in [&bomb, &whole[..20].to_vec(), &Vec::new()] {
            assert!(!is_thumbnail(picture));
            assert_eq!(thumbnail_of(picture), Err(NotAPicture));
        }
        let mut png = Cursor::new(Vec::new());
        DynamicImage::from(RgbImage::new(8, 8)).write_to(&mut png, ImageFormat::Png).unwrap();
        assert!(!is_thumbnail(png.get_ref()), "a picture, and no JPEG");
    }

    #[test]
    fn a_picture_is_turned_and_scaled_as_the_library_does_for_every_format() {
        for exif in 1..=8 {
            let orientation = Orientation::from_exif(exif).unwrap();
            let mut expected = DynamicImage::ImageRgb8(picture());
            expected.apply_orientation(orientation);
            assert_eq!(upright(picture(), orientation), expected.into_rgb8(), "orientation {exif}");
        }
        for (width, height) in [(3, 3), (7, 2), (1, 1), (20, 20), (3, 0)] {
            let expected = DynamicImage::ImageRgb8(picture()).thumbnail(width, height).into_rgb8();
            assert_eq!(scaled(&picture(), width, height), expected, "{width} × {height}");
        }
    }
}
