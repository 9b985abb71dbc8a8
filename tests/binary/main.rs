//! The real binary under real conditions: killed, signalled, starved of disk and trust, and against a real Postfix.

#[cfg(test)]
mod daemon;
#[cfg(test)]
mod demo;
#[cfg(test)]
#[cfg(feature = "encryption")]
mod encrypted;
#[cfg(test)]
mod faults;
#[cfg(test)]
mod imap;
#[cfg(test)]
mod imap_faults;
#[cfg(test)]
mod sandbox;
#[cfg(test)]
mod installing;
#[cfg(test)]
mod kill;
#[cfg(test)]
mod litestream;
#[cfg(test)]
mod postfix;
#[cfg(test)]
mod rehearse;
#[cfg(test)]
mod reload;
#[cfg(test)]
mod serve;
#[cfg(test)]
mod sink;
#[cfg(test)]
mod staff_changes;
#[cfg(test)]
mod sockets;
#[cfg(test)]
mod urgent;
#[cfg(test)]
mod xoauth2;
