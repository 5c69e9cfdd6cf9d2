#!/usr/bin/env bash
# Builds the library for Android's processors, and the AAR around it. Wants the Android SDK, the NDK (r28 or later, in
# ANDROID_NDK_HOME), Gradle, and rustup's component rust-src.
set -euo pipefail
module="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
root="$module/../../../.."
api=26
host="$(uname -s | tr '[:upper:]' '[:lower:]')-x86_64"
bin="${ANDROID_NDK_HOME:?}/toolchains/llvm/prebuilt/$host/bin"
cd "$root"

# build TARGET ABI CLANG
build() {
    local target="$1" folder="$module/android/src/main/jniLibs/$2" linker
    linker="CARGO_TARGET_$(echo "$target" | tr '[:lower:]-' '[:upper:]_')_LINKER"
    # Pages of 16 KiB, which Google Play demands. Equal functions once, and relocations packed, which lld can.
    env RUSTC_BOOTSTRAP=1 "$linker=$bin/$3$api-clang" \
        cargo rustc --config "$module/../small.toml" --locked --profile small -p jounce-ffi --no-default-features \
        --features capi,uniffi --lib --crate-type cdylib --target "$target" -- -Clink-arg=-Wl,-z,max-page-size=16384 \
        -Clink-arg=-Wl,--icf=all -Clink-arg=-Wl,--pack-dyn-relocs=android
    mkdir -p "$folder"
    "$bin/llvm-strip" --strip-unneeded -o "$folder/libjounce_ffi.so" "target/$target/small/libjounce_ffi.so"
    # Both segments and their alignment, to be seen.
    "$bin/llvm-readelf" -lW "$folder/libjounce_ffi.so" | grep -w LOAD
}

build aarch64-linux-android arm64-v8a aarch64-linux-android
build armv7-linux-androideabi armeabi-v7a armv7a-linux-androideabi
build x86_64-linux-android x86_64 x86_64-linux-android

# Bindings are generated from the very library that is shipped, before it is stripped.
(cd tools/bindgen && CARGO_TARGET_DIR="$root/target/bindgen" cargo run --quiet -- generate --no-format \
    --language kotlin --out-dir "$root/target/bindings/kotlin" \
    --library "$root/target/aarch64-linux-android/small/libjounce_ffi.so")
cd "$module"
gradle :android:assembleRelease
