//! The header that hosts compile against is the one of this library.

use std::{env, fs, path::Path};

#[test]
fn the_header_is_fresh() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    let sources = ["src/abi.rs", "src/capi/types.rs", "src/capi.rs", "src/capi/crash.rs", "src/capi/host.rs"];
    let config = cbindgen::Config::from_file(folder.join("cbindgen.toml")).expect("a config");
    let builder = sources.iter().fold(cbindgen::Builder::new(), |builder, path| builder.with_src(folder.join(path)));
    let mut made = Vec::new();
    builder.with_config(config).generate().expect("a header").write(&mut made);
    let path = folder.join("include/jounce.h");
    if env::var_os("JOUNCE_BLESS").is_some() {
        fs::write(&path, &made).expect("somewhere to write");
    }
    let kept = fs::read(&path).unwrap_or_default();
    assert!(kept == made, "{}: JOUNCE_BLESS=1 cargo test -p jounce-ffi --test header makes it anew", path.display());
}

/// A panic is contained where it happens, which needs unwinding in everything that is shipped.
#[test]
fn no_profile_aborts() {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../Cargo.toml");
    let manifest: toml::Table = fs::read_to_string(manifest).expect("it is there").parse().expect("TOML");
    let profiles = manifest["profile"].as_table().expect("profiles");
    for (name, profile) in profiles {
        assert_ne!(profile.get("panic").and_then(toml::Value::as_str), Some("abort"), "{name}");
    }
}
