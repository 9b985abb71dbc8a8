//! Rosters as workbooks, made here cell by cell: what is in the file decides, not its name.

use std::io::{Cursor, Write};

use zip::CompressionMethod;
use zip::write::{SimpleFileOptions, ZipWriter};

use super::{Clinic, HEAD, day, has};

/// A cell: a text, a number in the format of its style, or a word of the file format as it stands.
enum Cell<'t> {
    Text(&'t str),
    Number(f64),
    Date(f64),
    Bool(bool),
    Wrong,
    /// A formula as programs write it that have no spreadsheet: without its result, or with one.
    Formula(&'t str, &'t str),
}
use Cell::{Bool, Date, Formula, Number, Text, Wrong};

fn zipped(files: &[(&str, String)]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in files {
        let plain = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
        zip.start_file(*name, plain).unwrap();
        zip.write_all(content.as_bytes()).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

fn column(at: usize) -> char {
    char::from(b'A' + u8::try_from(at).unwrap())
}

fn sheet(rows: &[Vec<Cell<'_>>]) -> String {
    let mut xml =
        "<worksheet xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\"><sheetData>"
            .to_owned();
    for (row, cells) in (1..).zip(rows) {
        xml += &format!("<row r=\"{row}\">");
        for (at, cell) in cells.iter().enumerate() {
            let place = format!("r=\"{}{row}\"", column(at));
            xml += &match cell {
                Text("") => String::new(),
                Text(text) => format!("<c {place} t=\"inlineStr\"><is><t>{text}</t></is></c>"),
                Number(number) => format!("<c {place}><v>{number}</v></c>"),
                Date(number) => format!("<c {place} s=\"1\"><v>{number}</v></c>"),
                Bool(yes) => format!("<c {place} t=\"b\"><v>{}</v></c>", u8::from(*yes)),
                Wrong => format!("<c {place} t=\"e\"><v>#REF!</v></c>"),
                Formula(formula, "") => format!("<c {place}><f>{formula}</f><v></v></c>"),
                Formula(formula, result) => {
                    let result = result.trim();
                    format!("<c {place} t=\"str\"><f>{formula}</f><v>{result}</v></c>")
                }
            };
        }
        xml += "</row>";
    }
    xml + "</sheetData></worksheet>"
}

fn xlsx(sheets: &[(&str, String)], is_1904: bool) -> Vec<u8> {
    xlsx_with(sheets, is_1904, |styles| styles)
}

fn xlsx_with(sheets: &[(&str, String)], is_1904: bool, styles: impl Fn(String) -> String) -> Vec<u8> {
    let relations = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    let main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
    let package = "http://schemas.openxmlformats.org/package/2006/relationships";
    let name = |n: usize| format!("xl/worksheets/sheet{}.xml", n + 1);
    let listed: String = sheets
        .iter()
        .enumerate()
        .map(|(n, (title, _))| format!("<sheet name=\"{title}\" sheetId=\"{0}\" r:id=\"rId{0}\"/>", n + 1))
        .collect();
    let related: String = (1..=sheets.len())
        .map(|n| format!("<Relationship Id=\"rId{n}\" Type=\"{relations}/worksheet\" Target=\"worksheets/sheet{n}.xml\"/>"))
        .collect();
    let mut files = vec![
        (
            "[Content_Types].xml".to_owned(),
            "<Types xmlns=\"http://schemas.openxmlformats.org/package/2006/content-types\"/>".to_owned(),
        ),
        (
            "_rels/.rels".to_owned(),
            format!(
                "<Relationships xmlns=\"{package}\"><Relationship Id=\"r\" Type=\"{relations}/officeDocument\" Target=\"xl/workbook.xml\"/></Relationships>"
            ),
        ),
        (
            "xl/workbook.xml".to_owned(),
            format!(
                "<workbook xmlns=\"{main}\" xmlns:r=\"{relations}\"><workbookPr date1904=\"{}\"/><sheets>{listed}</sheets></workbook>",
                u8::from(is_1904)
            ),
        ),
        (
            "xl/_rels/workbook.xml.rels".to_owned(),
            format!(
                "<Relationships xmlns=\"{package}\">{related}<Relationship Id=\"rS\" Type=\"{relations}/styles\" Target=\"styles.xml\"/></Relationships>"
            ),
        ),
        (
            "xl/styles.xml".to_owned(),
            styles(format!(
                "<styleSheet xmlns=\"{main}\"><cellXfs count=\"2\"><xf numFmtId=\"0\"/><xf numFmtId=\"14\"/></cellXfs></styleSheet>"
            )),
        ),
    ];
    files.extend(sheets.iter().enumerate().map(|(n, (_, xml))| (name(n), xml.clone())));
    let files: Vec<(&str, String)> = files.iter().map(|(name, xml)| (name.as_str(), xml.clone())).collect();
    zipped(&files)
}

fn ods(rows: &[Vec<&str>]) -> Vec<u8> {
    let cell = |text: &&str| match text.strip_prefix("date:") {
        None if text.starts_with("formula:") => {
            let formula = text["formula:".len()..].replace('"', "&quot;");
            format!("<table:table-cell table:formula=\"{formula}\"/>")
        }
        Some(on) => format!(
            "<table:table-cell office:value-type=\"date\" office:date-value=\"{on}\"><text:p>x</text:p></table:table-cell>"
        ),
        None => format!(
            "<table:table-cell office:value-type=\"string\"><text:p>{text}</text:p></table:table-cell>"
        ),
    };
    let row = |row: &Vec<&str>| {
        format!("<table:table-row>{}</table:table-row>", row.iter().map(cell).collect::<String>())
    };
    let space = |name: &str| format!("xmlns:{name}=\"urn:oasis:names:tc:opendocument:xmlns:{name}:1.0\"");
    let content = format!(
        "<office:document-content {} {} {}><office:body><office:spreadsheet><table:table table:name=\"Patients\">{}</table:table></office:spreadsheet></office:body></office:document-content>",
        space("office"),
        space("table"),
        space("text"),
        rows.iter().map(row).collect::<String>()
    );
    let kind = "application/vnd.oasis.opendocument.spreadsheet";
    let manifest =
        "<manifest:manifest xmlns:manifest=\"urn:oasis:names:tc:opendocument:xmlns:manifest:1.0\"/>";
    zipped(&[
        ("mimetype", kind.to_owned()),
        ("META-INF/manifest.xml", manifest.to_owned()),
        ("content.xml", content),
    ])
}

fn head<'t>() -> Vec<Cell<'t>> {
    HEAD.split(',').map(Text).chain([Text("shared_inbox")]).collect()
}

/// Days since the end of 1899.
fn serial(on: &str) -> f64 {
    let on: jiff::civil::Date = on.parse().unwrap();
    f64::from(on.since(jiff::civil::date(1899, 12, 30)).unwrap().get_days())
}

fn person<'t>(reference: Cell<'t>, email: &'t str, born: Cell<'t>, anchor: Cell<'t>) -> Vec<Cell<'t>> {
    vec![
        reference,
        Text("Ana"),
        born,
        Text(email),
        Text("en-US"),
        Text("Eastern Standard Time"),
        Text("nccn"),
        anchor,
        Bool(false),
    ]
}

#[test]
fn a_workbook_is_read_whatever_its_name_and_its_cells_mean_what_they_show() {
    let clinic = Clinic::new();
    let anchor = serial(&day(-40));
    let rows = [
        vec![Text("Our patients")],
        head(),
        person(Text("00123"), "a@mail.example", Date(25_602.0), Date(anchor)),
        person(Number(10_456.0), "b@mail.example", Date(25_602.0), Date(anchor)),
        vec![],
        person(Text("R-3"), "c@mail.example", Text("1970-02-03"), Number(20_260_101.0)),
        person(Text("R-4"), "d@mail.example", Number(19_700_203.0), Text("")),
        vec![],
    ];
    let notes = sheet(&[vec![Text("Notes")], vec![Text("nothing here")]]);
    for name in ["roster.xlsx", "roster.csv", "roster"] {
        let file = clinic.roster(name, xlsx(&[("Notes", notes.clone()), ("List", sheet(&rows))], false));
        assert_eq!(clinic.json(&["import", &file, "--dry-run"])["added"], 4, "{name}");
    }
    let file = clinic.path("roster.csv").to_str().unwrap().to_owned();
    assert_eq!(clinic.json(&["import", &file])["added"], 4);
    assert_eq!(clinic.json(&["import", &file])["unchanged"], 4);
    let shown = clinic.does(&["export", "csv"]);
    has(
        &shown,
        &[
            "00123,Ana,1970-02-03,a@mail.example,en,America/New_York,nccn",
            "10456,Ana,1970-02-03",
            "R-4,Ana,1970-02-03",
        ],
    );
    assert!(
        shown.contains(&format!("10456,Ana,1970-02-03,b@mail.example,en,America/New_York,nccn,{}", day(-40))),
        "{shown}"
    );
    let told = clinic.refuses(65, &["import", &file, "--sheet", "Nots"]);
    has(&told, &["there is no sheet `Nots` in it"]);
    assert_eq!(clinic.json(&["import", &file, "--sheet", "list"])["unchanged"], 4);
    has(
        &clinic.refuses(65, &["import", &file, "--sheet", "Notes"]),
        &["no sheet of the workbook has the header; looked at `Notes`"],
    );
}

#[test]
fn days_of_a_workbook_that_counts_from_1904_are_four_years_later() {
    let clinic = Clinic::new();
    let rows =
        [head(), person(Text("R-1"), "a@mail.example", Date(24_140.0), Date(serial(&day(-40)) - 1462.0))];
    let file = clinic.roster("mac.xlsx", xlsx(&[("S", sheet(&rows))], true));
    assert_eq!(clinic.json(&["import", &file])["added"], 1);
    has(&clinic.does(&["export", "csv"]), &["R-1,Ana,1970-02-03,", &format!(",{},", day(-40))]);
}

#[test]
fn what_a_spreadsheet_has_spoilt_is_told_with_its_row() {
    let clinic = Clinic::new();
    let rows = [
        head(),
        person(Date(45_000.0), "a@mail.example", Date(25_602.0), Text("")),
        person(Text("R-2"), "b@mail.example", Wrong, Text("")),
        person(Text("R-3"), "c@mail.example", Number(3.0), Text("")),
        person(Text("R-4"), "d@mail.example", Date(25_602.5), Text("")),
    ];
    let file = clinic.roster("p.xlsx", xlsx(&[("S", sheet(&rows))], false));
    let told = clinic.refuses(65, &["import", &file]);
    has(
        &told,
        &[
            ":2: `reference`",
            ":3: `birth_date` is not a date",
            ":4: `birth_date` is not a date",
            ":5: `birth_date` has a time of day",
            "4 rows are faulty",
        ],
    );
}

/// A year, a date typed as `030270`, a day number: what was meant only the clinic knows, and a wrong birth date locks her out.
#[test]
fn a_number_without_the_format_of_a_date_is_no_date() {
    let clinic = Clinic::new();
    let born = [1970.0, 30_270.0, 25_602.0, 25_602.5];
    let rows: Vec<_> = [head()]
        .into_iter()
        .chain(born.map(|born| person(Text("R-1"), "a@mail.example", Number(born), Text(""))))
        .chain([person(Text("R-5"), "e@mail.example", Date(25_602.0), Number(46_288.0))])
        .collect();
    let file = clinic.roster("p.xlsx", xlsx(&[("S", sheet(&rows))], false));
    let told = clinic.refuses(65, &["import", &file]);
    has(
        &told,
        &[
            ":2: `birth_date` is not a date",
            ":3: `birth_date` is not a date",
            ":4: `birth_date` is not a date",
            ":5: `birth_date` is not a date",
            ":6: `anchor_on` is not a date",
            "find the day that is meant and write it as YYYY-MM-DD",
            "5 rows are faulty",
        ],
    );
}

/// What a filter hides is saved with the sheet, and nobody sees that it is read.
#[test]
fn rows_that_the_sheet_hides_are_read_with_a_remark_that_names_them() {
    let clinic = Clinic::new();
    let born = || Date(25_602.0);
    let rows = [
        head(),
        person(Text("R-1"), "a@mail.example", born(), Text("")),
        person(Text("R-2"), "b@mail.example", born(), Text("")),
        person(Text("R-3"), "c@mail.example", born(), Text("")),
        vec![],
    ];
    let shown = sheet(&rows);
    let hide = |row: &str| shown.replace(row, &format!("{} hidden=\"1\">", row.trim_end_matches('>')));
    let hidden = hide("<row r=\"3\">").replace("<row r=\"5\">", "<row r=\"5\" hidden=\"1\">");
    let other = hide("<row r=\"2\">").replace("<t>", "<t>old ");
    let file = clinic.roster("p.xlsx", xlsx(&[("Old &amp; gone", other), ("S", hidden)], false));
    let told = clinic.json(&["import", &file, "--dry-run"]);
    assert_eq!(told["added"], 3);
    assert_eq!(told["remarks"][0]["line"], 3, "{told}");
    let problem = "rows that the sheet hides are read like all others: 3";
    assert_eq!(told["remarks"][0]["problem"], problem, "{told}");
    let file = clinic.roster("shown.xlsx", xlsx(&[("S", shown)], false));
    let told = clinic.json(&["import", &file, "--dry-run"]).to_string();
    assert!(!told.contains("hides"), "{told}");
}

#[test]
fn a_workbook_of_open_document_is_read() {
    let clinic = Clinic::new();
    let (anchor, head) = (format!("date:{}", day(-40)), HEAD.split(',').collect::<Vec<_>>());
    let row = vec![
        "R-1",
        "Ana",
        "date:1970-02-03",
        "a@mail.example",
        "es-MX",
        "Central Standard Time (Mexico)",
        "nccn",
        &anchor,
    ];
    let file = clinic.roster("p.csv", ods(&[head, row]));
    assert_eq!(clinic.json(&["import", &file])["added"], 1);
    has(
        &clinic.does(&["export", "csv"]),
        &["R-1,Ana,1970-02-03,a@mail.example,es,America/Mexico_City,nccn,"],
    );
}

#[test]
fn a_broken_workbook_is_named_as_one() {
    let clinic = Clinic::new();
    let rows = [head(), person(Text("R-1"), "a@mail.example", Date(25_602.0), Text(""))];
    let whole = xlsx(&[("S", sheet(&rows))], false);
    for cut in [whole.len() / 2, 100, 30, 5] {
        let file = clinic.roster("p.csv", &whole[..cut]);
        has(
            &clinic.refuses(65, &["import", &file]),
            &["the file is a workbook, and it is broken", "save it again"],
        );
    }
    let file =
        clinic.roster("old.xls", [&[0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1][..], &[0; 600]].concat());
    has(&clinic.refuses(65, &["import", &file]), &["the workbook has a password, or is of an old kind"]);
}

/// A sheet with one more cell, far away.
fn strayed(rows: &[Vec<Cell<'_>>], place: &str, text: &str) -> String {
    let row = place.trim_start_matches(char::is_alphabetic);
    let cell = format!(
        "<row r=\"{row}\"><c r=\"{place}\" t=\"inlineStr\"><is><t>{text}</t></is></c></row></sheetData>"
    );
    sheet(rows).replace("</sheetData>", &cell)
}

#[test]
fn a_cell_far_away_costs_one_cell_and_is_named_where_it_holds_something() {
    let clinic = Clinic::new();
    let anchor = serial(&day(-40));
    let rows = [head(), person(Text("R-1"), "a@mail.example", Date(25_602.0), Date(anchor))];
    let other = strayed(&[vec![Text("Plan of the year")]], "XFD3000", "x");
    let far = strayed(&rows, "XFD1048576", "x");
    for (place, text) in [("XFD3000", " "), ("A1048576", "  "), ("XFD1048576", " ")] {
        let book = xlsx(&[("Year", other.clone()), ("S", strayed(&rows, place, text))], false);
        let file = clinic.roster("p.xlsx", book);
        assert_eq!(clinic.json(&["import", &file, "--dry-run"])["added"], 1, "{place}");
    }
    let file = clinic.roster("p.xlsx", xlsx(&[("S", far)], false));
    has(
        &clinic.refuses(65, &["import", &file]),
        &["cell XFD1048576 of sheet `S` holds something, far from the list"],
    );
}

#[test]
fn a_workbook_that_would_fill_the_memory_is_refused_before_it_is_built() {
    let clinic = Clinic::new();
    let refused = |content: Vec<u8>, why: &str| {
        let file = clinic.roster("p.xlsx", content);
        has(&clinic.refuses(65, &["import", &file]), &["the workbook is too large to be read", why]);
    };
    let with = |content: &str, from: &str, to: &str| {
        let content = content.replace(from, to);
        let kind = "application/vnd.oasis.opendocument.spreadsheet".to_owned();
        zipped(&[("mimetype", kind), ("META-INF/manifest.xml", "<m/>".to_owned()), ("content.xml", content)])
    };
    let filled = "<a><table:table table:name=\"P\"><table:table-row table:number-rows-repeated=\"N\"><table:table-cell \
                  table:number-columns-repeated=\"4\" office:value=\"1\"/></table:table-row></table:table></a>";
    refused(with(filled, "\"N\"", "\"1000000\""), "sheet `P` holds something as far down as row 1000000");
    let main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
    let many = format!("<sst xmlns=\"{main}\" uniqueCount=\"99999999999\"></sst>");
    refused(zipped(&[("xl/sharedStrings.xml", many)]), "it says that it has 99999999999 different texts");
    let long = format!("<worksheet><sheetData>{}</sheetData></worksheet>", "x".repeat(17 * 1024 * 1024));
    refused(
        zipped(&[("xl/worksheets/sheet1.xml", long)]),
        "`xl/worksheets/sheet1.xml` holds a piece larger than 16 MB",
    );
    let mut bomb = ZipWriter::new(Cursor::new(Vec::new()));
    let packed = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
    bomb.start_file("xl/styles.bin", packed).unwrap();
    let megabyte = vec![b' '; 1024 * 1024];
    (0..65).for_each(|_| bomb.write_all(&megabyte).unwrap());
    refused(bomb.finish().unwrap().into_inner(), "its part `xl/styles.bin` is larger than 64 MB");
}

/// A list as a program writes it that knows no spreadsheet (openpyxl): what a formula comes to stands nowhere in it.
#[test]
fn a_formula_without_its_result_is_a_fault_and_never_an_empty_cell() {
    let clinic = Clinic::new();
    let with_status = || {
        let mut head = head();
        head.push(Text("status"));
        head
    };
    let row = |email, anchor, status| {
        let mut row = person(Text("R-1"), "", Date(25_602.0), anchor);
        row[3] = email;
        row.push(status);
        row
    };
    let mail = || Text("a@mail.example");
    for (row, fault) in [
        (
            row(mail(), Text(""), Formula("IF(1=1,\"deceased\",\"active\")", "")),
            ":2: `status` is a formula without its result",
        ),
        (row(mail(), Formula("TODAY()-30", ""), Text("")), ":2: `anchor_on` is a formula without its result"),
        (
            row(Formula("B2&amp;\"@mail.example\"", ""), Text(""), Text("")),
            ":2: `email` is a formula without its result",
        ),
    ] {
        let file = clinic.roster("p.xlsx", xlsx(&[("S", sheet(&[with_status(), row]))], false));
        has(
            &clinic.refuses(65, &["import", &file]),
            &[fault, "open the file in your spreadsheet and save it"],
        );
    }
    // What a spreadsheet worked out is read, an empty text as well.
    let worked_out = row(mail(), Text(""), Formula("IF(1=1,\"\",\"deceased\")", " "));
    let file = clinic.roster("p.xlsx", xlsx(&[("S", sheet(&[with_status(), worked_out]))], false));
    assert_eq!(clinic.json(&["import", &file, "--dry-run"])["added"], 1);
    let dead = row(mail(), Text(""), Formula("IF(1=1,\"deceased\",\"\")", "deceased"));
    let file = clinic.roster("p.xlsx", xlsx(&[("S", sheet(&[with_status(), dead]))], false));
    assert_eq!(clinic.json(&["import", &file])["added"], 1);
    has(&clinic.does(&["export", "csv"]), &["deceased"]);
}

#[test]
fn a_formula_without_its_result_is_told_of_an_open_document_too() {
    let clinic = Clinic::new();
    let head: Vec<&str> = HEAD.split(',').chain(["status"]).collect();
    let row = [
        "R-1",
        "Ana",
        "date:1970-02-03",
        "a@mail.example",
        "en",
        "Etc/UTC",
        "nccn",
        "",
        "formula:of:=IF(1;\"deceased\";\"\")",
    ];
    let file = clinic.roster("p.ods", ods(&[head, row.to_vec()]));
    has(&clinic.refuses(65, &["import", &file]), &[":2: `status` is a formula without its result"]);
}

/// Merged, the word stands in the first row alone: the second woman would be taken in as living.
#[test]
fn cells_merged_over_several_rows_are_a_fault_that_names_them() {
    let clinic = Clinic::new();
    let with = |status: &'static str, row: Vec<Cell<'static>>| {
        row.into_iter().chain([Text(status)]).collect::<Vec<_>>()
    };
    let rows = [
        vec![Text("Our patients")],
        with("status", head()),
        with("deceased", person(Text("R-1"), "a@mail.example", Date(25_602.0), Text(""))),
        with("", person(Text("R-2"), "b@mail.example", Date(25_602.0), Text(""))),
    ];
    let merged = |range: &str| {
        let cells = format!("</sheetData><mergeCells count=\"1\"><mergeCell ref=\"{range}\"/></mergeCells>");
        xlsx(&[("S", sheet(&rows).replace("</sheetData>", &cells))], false)
    };
    for range in ["J3:J4", "I3:J4"] {
        let file = clinic.roster("p.xlsx", merged(range));
        has(
            &clinic.refuses(65, &["import", &file]),
            &["cells of several rows are merged", range, "undo the merging"],
        );
    }
    // A title, one row, empty cells, and what stands below the list.
    for range in ["A1:J1", "A3:B3", "H3:H4", "J4:J9"] {
        let file = clinic.roster("p.xlsx", merged(range));
        assert_eq!(clinic.json(&["import", &file, "--dry-run"])["added"], 2, "{range}");
    }
    let cells = |row: &str| row.split(',').map(|cell| format!("<td>{cell}</td>")).collect::<String>();
    let page = format!(
        "<table><tr>{}<td>status</td></tr><tr>{}<td rowspan=2>deceased</td></tr><tr>{}</tr></table>",
        cells(HEAD),
        cells("R-1,Ana,1970-02-03,a@mail.example,en,Etc/UTC,,"),
        cells("R-2,Ana,1970-02-04,b@mail.example,en,Etc/UTC,,")
    );
    let file = clinic.roster("p.xls", page);
    has(&clinic.refuses(65, &["import", &file]), &["cells of several rows are merged", "I2:I3"]);
}

#[test]
fn two_sheets_with_a_list_are_told_with_their_rows_and_a_hidden_one_is_remarked() {
    let clinic = Clinic::new();
    let list =
        |code: &'static str, mail| sheet(&[head(), person(Text(code), mail, Date(25_602.0), Text(""))]);
    let book = xlsx(&[("A", list("R-1", "a@mail.example")), ("B", list("R-2", "b@mail.example"))], false);
    let file = clinic.roster("p.xlsx", &book);
    has(
        &clinic.refuses(65, &["import", &file]),
        &["several sheets of the workbook hold a list, each with so many rows: `A` 1, `B` 1", "--sheet NAME"],
    );
    for name in ["A", "B"] {
        assert_eq!(clinic.json(&["import", &file, "--sheet", name, "--dry-run"])["added"], 1, "{name}");
    }
    let form = xlsx(&[("Form", sheet(&[head()])), ("B", list("R-2", "b@mail.example"))], false);
    let file = clinic.roster("p.xlsx", form);
    assert_eq!(clinic.json(&["import", &file, "--dry-run"])["added"], 1, "an empty form is no list");
    // The name goes into the list of sheets as it stands.
    let kept = ("Old\" state=\"hidden", list("R-1", "a@mail.example"));
    let file = clinic.roster("p.xlsx", xlsx(&[kept, ("B", list("R-2", "b@mail.example"))], false));
    let told = clinic.json(&["import", &file, "--dry-run"]);
    assert_eq!(told["added"], 1, "{told}");
    has(&told["remarks"].to_string(), &["a list in a sheet that the workbook hides is not read", "`Old` 1"]);
}

/// What a spreadsheet leaves that opens a list of another country: dates it can read, turned, beside those it cannot.
#[test]
fn dates_beside_text_that_a_spreadsheet_could_not_read_are_not_trusted() {
    let clinic = Clinic::new();
    let book = |born| {
        let rows = [
            head(),
            person(Text("R-1"), "a@mail.example", Text("13/02/1971"), Text("")),
            person(Text("R-2"), "b@mail.example", Date(serial(born)), Text("")),
        ];
        xlsx(&[("S", sheet(&rows))], false)
    };
    let file = clinic.roster("p.xlsx", book("1971-03-02"));
    has(
        &clinic.refuses(65, &["import", &file]),
        &[":3: `birth_date` is a date beside dates that are text", "turned day and month"],
    );
    for born in ["1971-03-13", "1971-03-03"] {
        let file = clinic.roster("p.xlsx", book(born));
        assert_eq!(clinic.json(&["import", &file, "--dry-run"])["added"], 2, "{born}");
    }
}

#[test]
fn codes_that_a_format_shows_with_zeros_are_remarked_as_they_come_in() {
    let clinic = Clinic::new();
    let rows = [head(), person(Number(42.0), "a@mail.example", Date(25_602.0), Text(""))];
    let told = |format: &str| {
        let code =
            format!("<numFmts count=\"1\"><numFmt numFmtId=\"164\" formatCode=\"{format}\"/></numFmts>");
        let shown = sheet(&rows).replace("<c r=\"A2\">", "<c r=\"A2\" s=\"2\">");
        let styles = |xml: String| {
            let all = xml.replace("<cellXfs count=\"2\">", &format!("{code}<cellXfs count=\"3\">"));
            all.replace("</cellXfs>", "<xf numFmtId=\"164\"/></cellXfs>")
        };
        let file = clinic.roster("p.xlsx", xlsx_with(&[("S", shown)], false, styles));
        clinic.json(&["import", &file, "--dry-run"])["remarks"].to_string()
    };
    assert!(told("00000").contains("zeros before them"));
    assert!(!told("0.00").contains("zeros before them"));
}
