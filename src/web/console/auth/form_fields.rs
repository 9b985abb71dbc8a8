//! The fields of a form that staff sent.

use std::collections::BTreeMap;

use axum::Form;
use axum::extract::{FromRequest, Multipart, Request};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};

/// More fields than any form of ours has.
const MOST: usize = 500;

/// The fields of a sent form.
pub(in crate::web::console) struct FormFields(Vec<(String, String)>);

/// Reads a form in either encoding; a file comes as the text that stands in it.
///
/// # Errors
/// The status to answer with: the body is no form, or too long.
pub(in crate::web::console) async fn of(request: Request) -> Result<FormFields, Response> {
    let kind = request.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    if !kind.is_some_and(|kind| kind.to_ascii_lowercase().starts_with("multipart/form-data")) {
        let form = Form::<Vec<(String, String)>>::from_request(request, &()).await;
        return Ok(FormFields::new(form.map_err(|fault| fault.status().into_response())?.0));
    }
    let parts = Multipart::from_request(request, &()).await;
    let mut parts = parts.map_err(|fault| fault.status().into_response())?;
    let mut fields = Vec::new();
    while let Some(part) = parts.next_field().await.map_err(|fault| fault.status().into_response())? {
        let name = part.name().unwrap_or_default().to_owned();
        let bytes = part.bytes().await.map_err(|fault| fault.status().into_response())?;
        if fields.len() >= MOST {
            return Err(StatusCode::PAYLOAD_TOO_LARGE.into_response());
        }
        fields.push((name, String::from_utf8_lossy(&bytes).into_owned()));
    }
    Ok(FormFields::new(fields))
}

impl FormFields {
    pub(in crate::web::console) fn new(fields: Vec<(String, String)>) -> Self {
        Self(fields)
    }

    /// The first field of that name, trimmed; empty when it is not there.
    pub(in crate::web::console) fn get(&self, name: &str) -> &str {
        self.0.iter().find(|(field, _)| field == name).map_or("", |(_, word)| word.trim())
    }

    /// Every field of that name.
    pub(in crate::web::console) fn all(&self, name: &str) -> impl Iterator<Item = &str> {
        self.0.iter().filter(move |(field, _)| field == name).map(|(_, word)| word.as_str())
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
