//! Marks that stand where names stood.

/// Her address or host, or anybody's that is not ours.
pub(in crate::care::refusal) const HERS: char = '†';
/// Our address or host.
pub(in crate::care::refusal) const OURS: char = '‡';
/// A host that is neither.
pub(in crate::care::refusal) const HOST: char = '¤';
/// An address of the network.
pub(in crate::care::refusal) const IP: char = '¶';
/// Every mark there is, to tell them from words.
pub(in crate::care::refusal) const MARKS: [char; 4] = [HERS, OURS, HOST, IP];

/// The words without the marks.
pub(in crate::care::refusal) fn plain(marked: &str) -> String {
    let bare: String = marked.chars().filter(|c| !MARKS.contains(c)).collect();
    bare.split_whitespace().collect::<Vec<_>>().join(" ")
}
