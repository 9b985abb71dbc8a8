//! The fields of a form that staff sent.

use std::collections::BTreeMap;

use axum::Form;
use axum::extract::{FromRequest, Multipart, Request};
use axum::http::{StatusCode, header};

/// More fields than any form of ours has.
const MOST: usize = 500;

/// The fields of a sent form.
pub(in crate::web::console) struct FormFields(Vec<(String, String)>);

/// A sent form and the file that came with it.
pub(in crate::web::console) struct SentForm {
    pub(in crate::web::console) fields: FormFields,
    /// What was chosen last where the form asks for a file. Its name is not kept: it may name somebody.
    pub(in crate::web::console) file: Option<SentFile>,
}

/// A file that came with a form.
pub(in crate::web::console) struct SentFile {
    /// The field that asked for it.
    pub(in crate::web::console) field: String,
    /// Its bytes; none when nobody chose a file.
    pub(in crate::web::console) bytes: Vec<u8>,
}

impl SentForm {
    /// The fields, and among them the file as the text that stands in it, its line breaks as they are.
    pub(in crate::web::console) fn into_text(self) -> FormFields {
        let Self { mut fields, file } = self;
        fields.0.extend(file.map(|file| (file.field, String::from_utf8_lossy(&file.bytes).into_owned())));
        fields
    }
}

/// Reads a form in either encoding.
///
/// # Errors
/// The status to answer with: the body is no form, or too long.
pub(in crate::web::console) async fn of(request: Request) -> Result<SentForm, StatusCode> {
    let kind = request.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    if !kind.is_some_and(|kind| kind.to_ascii_lowercase().starts_with("multipart/form-data")) {
        let form = Form::<Vec<(String, String)>>::from_request(request, &()).await;
        let fields = FormFields::new(form.map_err(|fault| fault.status())?.0);
        return Ok(SentForm { fields, file: None });
    }
    let parts = Multipart::from_request(request, &()).await;
    let mut parts = parts.map_err(|fault| fault.status())?;
    let (mut fields, mut file) = (Vec::new(), None);
    while let Some(part) = parts.next_field().await.map_err(|fault| fault.status())? {
        let (name, is_file) = (part.name().unwrap_or_default().to_owned(), part.file_name().is_some());
        let bytes = part.bytes().await.map_err(|fault| fault.status())?;
        match is_file {
            true => file = Some(SentFile { field: name, bytes: bytes.to_vec() }),
            false if fields.len() >= MOST => return Err(StatusCode::PAYLOAD_TOO_LARGE),
            false => fields.push((name, String::from_utf8_lossy(&bytes).into_owned())),
        }
    }
    Ok(SentForm { fields: FormFields::new(fields), file })
}

impl FormFields {
    /// The fields as they were typed: a browser sends each line break of a value as CRLF (HTML, "constructing the entry
    /// list"), also of one that a page of ours had filled in with LF.
    pub(in crate::web::console) fn new(fields: Vec<(String, String)>) -> Self {
        Self(fields.into_iter().map(|(name, word)| (name, word.replace("\r\n", "\n"))).collect())
    }

    /// The first field of that name, trimmed; empty when it is not there.
    pub(in crate::web::console) fn get(&self, name: &str) -> &str {
        self.0.iter().find(|(field, _)| field == name).map_or("", |(_, word)| word.trim())
    }

    /// Every field of that name.
    pub(in crate::web::console) fn all(&self, name: &str) -> impl Iterator<Item = &str> {
        self.0.iter().filter(move |(field, _)| field == name).map(|(_, word)| word.as_str())
    }

    /// Whether anything was typed into one of these fields.
    pub(in crate::web::console) fn holds(&self, names: &[&str]) -> bool {
        self.0.iter().any(|(field, word)| names.contains(&field.as_str()) && !word.trim().is_empty())
    }

    /// Everything that was typed, by field; the form's own token is not.
    pub(in crate::web::console) fn typed(&self) -> BTreeMap<String, Vec<String>> {
        let mut typed: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for (field, word) in self.0.iter().filter(|(field, _)| field != "mark") {
            typed.entry(field.clone()).or_default().push(word.clone());
        }
        typed
    }

    /// Every field whose name begins so, with the rest of its name.
    pub(in crate::web::console) fn starting<'a>(
        &'a self,
        prefix: &'a str,
    ) -> impl Iterator<Item = (&'a str, &'a str)> {
        self.0.iter().filter_map(move |(field, word)| Some((field.strip_prefix(prefix)?, word.as_str())))
    }

    /// A text a person wrote, cut to a length that a record can bear.
    pub(in crate::web::console) fn note(&self, name: &str) -> String {
        self.get(name).chars().take(2000).collect()
    }
}
