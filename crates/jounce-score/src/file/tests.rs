//! What is read, what is refused, and where the fault is said to be.

use super::*;

fn read(text: &str) -> Result<LabelFile, String> {
    LabelFile::read("labels.csv", text.as_bytes()).map_err(|error| error.to_string())
}

#[test]
fn a_file_is_read_with_and_without_directions_comments_and_blanks() {
    let file = read("# by hand\ntrace,kind,start_s,end_s\na.csv, hard_braking ,1.5,2\n\n# quiet\nb.csv,none,0,60.25\n")
        .expect("reads");
    let rows: Vec<_> = file.rows.iter().map(|row| (row.line, row.trace.as_str(), row.label)).collect();
    assert_eq!(
        rows,
        [(3, "a.csv", Label::new(EventKind::HardBraking, 1.5, 2.0)), (6, "b.csv", Label::calm(0.0, 60.25))]
    );
    let file = read("kind,direction,note,trace,end_s,start_s\r\nswerve,right,wet,t,9,8\r\n").expect("reads");
    assert_eq!(file.rows[0].label, Label::new(EventKind::Swerve, 8.0, 9.0).toward(Side::Right));
    assert_eq!(file.not_read, ["note"]);
}

#[test]
fn what_cannot_be_read_is_told_with_line_and_column() {
    let head = "trace,kind,start_s,end_s,direction\n";
    let ok = "t,swerve,1,2,left\n";
    for (rows, expected) in [
        ("t,brake,1,2,\n", "line 3, column 2 (kind): expected one of trip_start, "),
        (
            "t,swerve,one,2,\n",
            "line 3, column 3 (start_s): expected a number of seconds since the trace's begin, found \"one\"",
        ),
        ("t,swerve,1,inf,\n", "line 3, column 4 (end_s): expected a number"),
        ("t,swerve,3,2.5,\n", "line 3, column 4 (end_s): expected an end not before the start at 3 s, found \"2.5\""),
        ("t,swerve,1,2,west\n", "line 3, column 5 (direction): expected left, right or nothing, found \"west\""),
        ("t,crash,1,2,left\n", "line 3, column 5 (direction): expected nothing: crash has no direction"),
        ("t,swerve,1\n", "line 3, column 4 (end_s): expected a value in this column"),
        (",swerve,1,2,\n", "line 3, column 1 (trace): expected a value"),
    ] {
        let error = read(&format!("{head}{ok}{rows}")).expect_err(rows);
        assert!(error.starts_with(&format!("labels.csv: {expected}")), "{error}");
    }
    assert!(
        read("t,brake,1,2\n").expect_err("no header").starts_with("labels.csv: line 1: expected the header trace,")
    );
    assert!(read("").expect_err("empty").contains("expected the header"));
    assert!(read(head).expect_err("no rows").contains("expected at least one label"));
    assert!(read("trace,kind,kind,start_s,end_s\n").expect_err("twice").contains("the column kind once"));
    let error = LabelFile::read("l", &b"trace,kind,start_s,end_s\nt,swerve,\xff,2\n"[..]).expect_err("not UTF-8");
    assert_eq!(error.line, 2);
}

#[test]
fn what_is_written_reads_back() {
    let labels = [Label::calm(-0.001, 12.5), Label::new(EventKind::HarshCornering, 13.25, 14.0).toward(Side::Left)];
    let mut text = Vec::new();
    write_labels(&labels, "trace.csv", &mut text).expect("writes");
    let file = LabelFile::read("labels.csv", text.as_slice()).expect("reads");
    let read: Vec<Label> = file.rows.iter().map(|row| row.label).collect();
    assert_eq!(read, [Label::calm(0.0, 12.5), labels[1]]);
    assert!(String::from_utf8(text).expect("UTF-8").starts_with("trace,kind,start_s,end_s,direction\n"));
}
