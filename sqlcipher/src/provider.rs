//! The nineteen functions that SQLCipher wants, over ring and RustCrypto.
//!
//! Layout and meaning follow `struct sqlcipher_provider` of SQLCipher 4.19.

use std::ffi::{c_char, c_int, c_uchar, c_void};
use std::num::NonZeroU32;
use std::slice;

use aes::Aes256;
use cbc::cipher::{BlockModeDecrypt, BlockModeEncrypt, KeyIvInit, array::Array, consts::U16};
use ring::rand::{SecureRandom, SystemRandom};
use ring::{hmac, pbkdf2};

const OK: c_int = 0;
const ERROR: c_int = 1;
const ENCRYPT: c_int = 1;
const KEY_LEN: usize = 32;
const BLOCK_LEN: usize = 16;
pub(crate) const NAME: &str = "ring";

type Algorithm = c_int;
type CipherFn = extern "C" fn(
    *mut c_void,
    c_int,
    *const c_uchar,
    c_int,
    *const c_uchar,
    *const c_uchar,
    c_int,
    *mut c_uchar,
) -> c_int;
type HmacFn = extern "C" fn(
    *mut c_void,
    Algorithm,
    *const c_uchar,
    c_int,
    *const c_uchar,
    c_int,
    *const c_uchar,
    c_int,
    *mut c_uchar,
) -> c_int;
type KdfFn = extern "C" fn(
    *mut c_void,
    Algorithm,
    *const c_uchar,
    c_int,
    *const c_uchar,
    c_int,
    c_int,
    c_int,
    *mut c_uchar,
) -> c_int;
type NameFn = extern "C" fn(*mut c_void) -> *const c_char;
type NumberFn = extern "C" fn(*mut c_void) -> c_int;

/// `struct sqlcipher_provider`, field for field.
#[repr(C)]
struct Provider {
    init: Option<extern "C" fn() -> c_int>,
    shutdown: Option<extern "C" fn()>,
    get_provider_name: Option<NameFn>,
    add_random: Option<extern "C" fn(*mut c_void, *const c_void, c_int) -> c_int>,
    random: Option<extern "C" fn(*mut c_void, *mut c_void, c_int) -> c_int>,
    hmac: Option<HmacFn>,
    kdf: Option<KdfFn>,
    cipher: Option<CipherFn>,
    get_cipher: Option<NameFn>,
    get_key_sz: Option<NumberFn>,
    get_iv_sz: Option<NumberFn>,
    get_block_sz: Option<NumberFn>,
    get_hmac_sz: Option<extern "C" fn(*mut c_void, Algorithm) -> c_int>,
    ctx_init: Option<extern "C" fn(*mut *mut c_void) -> c_int>,
    ctx_free: Option<extern "C" fn(*mut *mut c_void) -> c_int>,
    fips_status: Option<NumberFn>,
    get_provider_version: Option<NameFn>,
    next: *mut Provider,
}

/// Called by SQLCipher once, when SQLite initialises; named at compile time by `SQLCIPHER_CRYPTO_CUSTOM`.
#[unsafe(no_mangle)]
extern "C" fn ayumi_sqlcipher_provider_setup(provider: *mut c_void) -> c_int {
    if provider.is_null() {
        return ERROR;
    }
    let filled = Provider {
        init: None,
        shutdown: None,
        get_provider_name: Some(provider_name),
        add_random: Some(add_random),
        random: Some(random),
        hmac: Some(hmac_tag),
        kdf: Some(derive_key),
        cipher: Some(cipher),
        get_cipher: Some(cipher_name),
        get_key_sz: Some(key_len),
        get_iv_sz: Some(block_len),
        get_block_sz: Some(block_len),
        get_hmac_sz: Some(hmac_len),
        ctx_init: Some(make_context),
        ctx_free: Some(free_context),
        fips_status: Some(fips_status),
        get_provider_version: Some(provider_version),
        next: std::ptr::null_mut(),
    };
    // SAFETY: SQLCipher passes a zeroed allocation of its own `struct sqlcipher_provider`, whose layout `Provider`
    // repeats; it is not shared yet. `write_unaligned` asks nothing of what was there before.
    unsafe { provider.cast::<Provider>().write_unaligned(filled) };
    OK
}

/// Bytes of a C caller. A null pointer or a negative length is `None`.
///
/// # Safety
/// `data` is null or points to `len` readable bytes that nobody writes while the slice lives.
unsafe fn bytes<'a>(data: *const c_uchar, len: c_int) -> Option<&'a [u8]> {
    if data.is_null() {
        return None;
    }
    // SAFETY: the caller's promise.
    Some(unsafe { slice::from_raw_parts(data, usize::try_from(len).ok()?) })
}

extern "C" fn provider_name(_: *mut c_void) -> *const c_char {
    c"ring".as_ptr()
}

extern "C" fn provider_version(_: *mut c_void) -> *const c_char {
    c"0.17".as_ptr()
}

extern "C" fn cipher_name(_: *mut c_void) -> *const c_char {
    c"aes-256-cbc".as_ptr()
}

extern "C" fn key_len(_: *mut c_void) -> c_int {
    KEY_LEN as c_int
}

extern "C" fn block_len(_: *mut c_void) -> c_int {
    BLOCK_LEN as c_int
}

extern "C" fn fips_status(_: *mut c_void) -> c_int {
    0
}

extern "C" fn make_context(ctx: *mut *mut c_void) -> c_int {
    // The provider keeps no state; SQLCipher only wants success.
    if ctx.is_null() { ERROR } else { OK }
}

extern "C" fn free_context(_: *mut *mut c_void) -> c_int {
    OK
}

extern "C" fn add_random(_: *mut c_void, _: *const c_void, _: c_int) -> c_int {
    // The operating system's generator needs no help.
    OK
}

extern "C" fn random(_: *mut c_void, buffer: *mut c_void, len: c_int) -> c_int {
    let Ok(len) = usize::try_from(len) else { return ERROR };
    if buffer.is_null() {
        return ERROR;
    }
    // SAFETY: SQLCipher hands a writable buffer of `len` bytes that it owns.
    let out = unsafe { slice::from_raw_parts_mut(buffer.cast::<u8>(), len) };
    if SystemRandom::new().fill(out).is_ok() { OK } else { ERROR }
}

fn hmac_algorithm(algorithm: Algorithm) -> Option<hmac::Algorithm> {
    match algorithm {
        0 => Some(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY),
        1 => Some(hmac::HMAC_SHA256),
        2 => Some(hmac::HMAC_SHA512),
        _ => None,
    }
}

extern "C" fn hmac_len(_: *mut c_void, algorithm: Algorithm) -> c_int {
    hmac_algorithm(algorithm).map_or(0, |a| a.digest_algorithm().output_len() as c_int)
}

extern "C" fn hmac_tag(
    _: *mut c_void,
    algorithm: Algorithm,
    key: *const c_uchar,
    key_sz: c_int,
    first: *const c_uchar,
    first_sz: c_int,
    second: *const c_uchar,
    second_sz: c_int,
    out: *mut c_uchar,
) -> c_int {
    let Some(algorithm) = hmac_algorithm(algorithm) else { return ERROR };
    // SAFETY: SQLCipher passes pointers into its own buffers with their lengths; `second` may be null.
    let (key, first, second) = unsafe { (bytes(key, key_sz), bytes(first, first_sz), bytes(second, second_sz)) };
    let (Some(key), Some(first)) = (key, first) else { return ERROR };
    if out.is_null() {
        return ERROR;
    }
    let mut context = hmac::Context::with_key(&hmac::Key::new(algorithm, key));
    context.update(first);
    context.update(second.unwrap_or_default());
    let tag = context.sign();
    // SAFETY: `out` has room for `get_hmac_sz` bytes and does not overlap the tag on our stack.
    unsafe { std::ptr::copy_nonoverlapping(tag.as_ref().as_ptr(), out, tag.as_ref().len()) };
    OK
}

extern "C" fn derive_key(
    _: *mut c_void,
    algorithm: Algorithm,
    pass: *const c_uchar,
    pass_sz: c_int,
    salt: *const c_uchar,
    salt_sz: c_int,
    rounds: c_int,
    key_sz: c_int,
    key: *mut c_uchar,
) -> c_int {
    let algorithm = match algorithm {
        0 => pbkdf2::PBKDF2_HMAC_SHA1,
        1 => pbkdf2::PBKDF2_HMAC_SHA256,
        2 => pbkdf2::PBKDF2_HMAC_SHA512,
        _ => return ERROR,
    };
    // SAFETY: pointers and lengths are SQLCipher's own buffers.
    let (pass, salt) = unsafe { (bytes(pass, pass_sz), bytes(salt, salt_sz)) };
    let (Some(pass), Some(salt)) = (pass, salt) else { return ERROR };
    let (Some(rounds), Ok(len)) = (u32::try_from(rounds).ok().and_then(NonZeroU32::new), usize::try_from(key_sz))
    else {
        return ERROR;
    };
    if key.is_null() {
        return ERROR;
    }
    // SAFETY: `key` has room for `key_sz` bytes; SQLCipher never lets it overlap pass or salt.
    let out = unsafe { slice::from_raw_parts_mut(key, len) };
    pbkdf2::derive(algorithm, rounds, salt, pass, out);
    OK
}

extern "C" fn cipher(
    _: *mut c_void,
    mode: c_int,
    key: *const c_uchar,
    key_sz: c_int,
    iv: *const c_uchar,
    input: *const c_uchar,
    input_sz: c_int,
    out: *mut c_uchar,
) -> c_int {
    // SAFETY: key and iv are SQLCipher's buffers of the sizes that this provider reported.
    let (key, iv) = unsafe { (bytes(key, key_sz), bytes(iv, BLOCK_LEN as c_int)) };
    let (Some(key), Some(iv), Ok(len)) = (key, iv, usize::try_from(input_sz)) else { return ERROR };
    if input.is_null() || out.is_null() || len % BLOCK_LEN != 0 {
        return ERROR;
    }
    // SAFETY: both are buffers of `len` bytes. They may be the same one, so `copy` (which allows overlap) moves the
    // bytes first and all work is done in place on `out`.
    let data = unsafe {
        std::ptr::copy(input, out, len);
        slice::from_raw_parts_mut(out, len)
    };
    if crypt(mode == ENCRYPT, key, iv, data) { OK } else { ERROR }
}

/// AES-256-CBC without padding, in place. `false` if a length is wrong.
pub(crate) fn crypt(encrypt: bool, key: &[u8], iv: &[u8], data: &mut [u8]) -> bool {
    let (blocks, rest) = Array::<u8, U16>::slice_as_chunks_mut(data);
    if !rest.is_empty() {
        return false;
    }
    if encrypt {
        let Ok(mut mode) = cbc::Encryptor::<Aes256>::new_from_slices(key, iv) else { return false };
        mode.encrypt_blocks(blocks);
    } else {
        let Ok(mut mode) = cbc::Decryptor::<Aes256>::new_from_slices(key, iv) else { return false };
        mode.decrypt_blocks(blocks);
    }
    true
}
