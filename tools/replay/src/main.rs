//! The `jounce` command.
fn main() {}
