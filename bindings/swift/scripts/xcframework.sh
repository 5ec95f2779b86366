#!/bin/sh
# Builds Ayumi.xcframework: the library for iPhones, their simulator and Macs. Needs Xcode and `rustup target add` for the targets below.
#
#   bindings/swift/scripts/xcframework.sh     → bindings/swift/Ayumi.xcframework
set -eu
cd "$(dirname "$0")/../../.."
# A library that is shipped holds no rule that leads to a doctor and that no professional has signed.
cargo xtask release
export AYUMI_RELEASE=1
cargo xtask bindings
RUSTFLAGS="--remap-path-prefix=$PWD=ayumi --remap-path-prefix=${CARGO_HOME:-$HOME/.cargo}=cargo"
export RUSTFLAGS IPHONEOS_DEPLOYMENT_TARGET=15.0 MACOSX_DEPLOYMENT_TARGET=12.0
for target in aarch64-apple-ios aarch64-apple-ios-sim x86_64-apple-ios aarch64-apple-darwin x86_64-apple-darwin; do
    cargo rustc --package ayumi-ffi --lib --crate-type staticlib --profile phone --target "$target"
done
out=target/xcframework
rm -rf "$out" bindings/swift/Ayumi.xcframework
mkdir -p "$out/headers/AyumiFFI" "$out/simulator" "$out/mac"
cp target/bindings/swift/*.h target/bindings/swift/module.modulemap "$out/headers/AyumiFFI/"
lipo -create target/aarch64-apple-ios-sim/phone/libayumi_ffi.a target/x86_64-apple-ios/phone/libayumi_ffi.a \
    -output "$out/simulator/libayumi_ffi.a"
lipo -create target/aarch64-apple-darwin/phone/libayumi_ffi.a target/x86_64-apple-darwin/phone/libayumi_ffi.a \
    -output "$out/mac/libayumi_ffi.a"
xcodebuild -create-xcframework \
    -library target/aarch64-apple-ios/phone/libayumi_ffi.a -headers "$out/headers" \
    -library "$out/simulator/libayumi_ffi.a" -headers "$out/headers" \
    -library "$out/mac/libayumi_ffi.a" -headers "$out/headers" \
    -output bindings/swift/Ayumi.xcframework
