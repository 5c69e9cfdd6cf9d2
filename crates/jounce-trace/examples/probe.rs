fn main() {
    for p in std::env::args().skip(1) {
        match jounce_trace::open(p.as_ref()) {
            Ok(r) => print!("{}", jounce_trace::inspect::summarise(&r)),
            Err(e) => println!("ERROR {e}"),
        }
    }
}
