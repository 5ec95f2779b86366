#!/bin/sh
# Builds ayumi.aar: the library for each kind of phone, and the Kotlin on top. Needs the Android NDK (ANDROID_NDK_HOME), the Android
# SDK, Gradle, `cargo install cargo-ndk`, and `rustup target add` for the three targets below.
#
#   bindings/kotlin/scripts/aar.sh            → bindings/kotlin/build/outputs/aar/ayumi-release.aar
set -eu
cd "$(dirname "$0")/../../.."
# A library that is shipped holds no rule that leads to a doctor and that no professional has signed.
cargo xtask release
export AYUMI_RELEASE=1
cargo xtask bindings
# NDK's linker is lld: equal functions once. Pages of 16 KB for the phones of 2025 and later.
RUSTFLAGS="-Clink-arg=-Wl,--icf=all -Clink-arg=-Wl,-z,max-page-size=16384 --remap-path-prefix=$PWD=ayumi --remap-path-prefix=${CARGO_HOME:-$HOME/.cargo}=cargo"
CFLAGS="-fno-asynchronous-unwind-tables -fno-unwind-tables"
export RUSTFLAGS CFLAGS
cargo ndk --platform 26 -t arm64-v8a -t armeabi-v7a -t x86_64 -o bindings/kotlin/src/main/jniLibs \
    build --package ayumi-ffi --profile phone
cd bindings/kotlin
gradle assembleRelease
