//! Access tokens for the mail account (OAuth 2.0, RFC 6749): asked for at the provider's token endpoint, kept until shortly
//! before they expire. Every call blocks: make it off the async threads.

pub mod fault;
pub mod access_token;
mod token_endpoint;
mod assertion;
#[cfg(test)]
mod tests;
