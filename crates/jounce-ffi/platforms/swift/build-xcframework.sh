#!/usr/bin/env bash
# Builds jounceFFI.xcframework for this package. Wants Xcode, and rustup's component rust-src.
#
# A dynamic framework, since two static Rust libraries in one app clash (rust_eh_personality).
set -euo pipefail
package="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
root="$package/../../../.."
work="$root/target/xcframework"
export IPHONEOS_DEPLOYMENT_TARGET=15.0
cd "$root"
rm -rf "$work" "$package/jounceFFI.xcframework"
mkdir -p "$work/swift"

for target in aarch64-apple-ios aarch64-apple-ios-sim x86_64-apple-ios; do
    RUSTC_BOOTSTRAP=1 cargo rustc --config "$package/../small.toml" --locked --profile small -p jounce-ffi \
        --no-default-features --features capi,uniffi --lib --crate-type cdylib --target "$target"
done
library() { echo "$root/target/$1/small/libjounce_ffi.dylib"; }

# Bindings are generated from the very library that is shipped, before it is stripped.
(cd tools/bindgen && CARGO_TARGET_DIR="$root/target/bindgen" cargo run --quiet -- generate --no-format \
    --language swift --out-dir "$work/swift" --library "$(library aarch64-apple-ios)")
cp "$work/swift/jounce.swift" "$package/Sources/Jounce/Generated/jounce.swift"

# framework FOLDER LIBRARY...: one framework of the libraries for one platform.
framework() {
    local framework="$work/$1/jounceFFI.framework"
    shift
    mkdir -p "$framework/Headers" "$framework/Modules"
    lipo -create "$@" -output "$framework/jounceFFI"
    install_name_tool -id @rpath/jounceFFI.framework/jounceFFI "$framework/jounceFFI"
    strip -x "$framework/jounceFFI"
    cp "$work/swift/jounceFFI.h" "$framework/Headers/"
    printf 'framework module jounceFFI {\n    header "jounceFFI.h"\n    export *\n}\n' >"$framework/Modules/module.modulemap"
    cat >"$framework/Info.plist" <<'PLIST'
<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0"><dict>
    <key>CFBundleIdentifier</key><string>dev.jounce.ffi</string>
    <key>CFBundleName</key><string>jounceFFI</string>
    <key>CFBundleExecutable</key><string>jounceFFI</string>
    <key>CFBundlePackageType</key><string>FMWK</string>
    <key>CFBundleShortVersionString</key><string>0.1.0</string>
    <key>CFBundleVersion</key><string>1</string>
    <key>MinimumOSVersion</key><string>15.0</string>
</dict></plist>
PLIST
}

framework device "$(library aarch64-apple-ios)"
framework simulator "$(library aarch64-apple-ios-sim)" "$(library x86_64-apple-ios)"
xcodebuild -create-xcframework -framework "$work/device/jounceFFI.framework" \
    -framework "$work/simulator/jounceFFI.framework" -output "$package/jounceFFI.xcframework"
