//! Who stands on the ladder. A rung stays the same rung when it is given another name, another address or another place: it
//! is known by its id, and where none is written, by its address or its name.

/// Who stands on a rung, as the ladder named them at one time.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Identity {
    /// What the clinic calls it for good, if it says.
    pub id: Option<String>,
    /// Who it is, as staff say it.
    pub name: String,
    /// The e-mail address that its letters go to; compared byte by byte.
    pub address: String,
}

impl Identity {
    /// What tasks and records call it: its id, else its name.
    #[must_use]
    pub fn key(&self) -> &str {
        self.id.as_deref().unwrap_or(&self.name)
    }

    /// Whether ids do not say that these are two.
    const fn may_be(&self, other: &Self) -> bool {
        self.id.is_none() || other.id.is_none()
    }
}

/// Indices into `now` of those who are among `past`, ascending. Each of `past` stands for one of `now` at most, so a rung
/// that gets another name or address stays who it is, and two that trade names are told apart by their mailboxes.
#[must_use]
pub fn told(past: &[Identity], now: &[&Identity]) -> Vec<usize> {
    let mut found: Vec<usize> = pairs(past, now).into_iter().map(|(_, index)| index).collect();
    found.sort_unstable();
    found
}

/// `past` as it is remembered from now on: whoever is still there as she is called now, so that one change after another
/// loses nobody. Of one who left only id and mailbox are kept: whoever comes under her name is somebody else.
#[must_use]
pub fn remembered(past: &[Identity], now: &[&Identity]) -> Vec<Identity> {
    let pairs = pairs(past, now);
    let is_now = |place: usize| pairs.iter().find(|(past, _)| *past == place).map(|(_, index)| now[*index]);
    let kept = past.iter().enumerate().map(|(place, gone)| match is_now(place) {
        Some(who) => who.clone(),
        None => Identity { name: String::new(), ..gone.clone() },
    });
    kept.collect()
}

/// Who of `past` is who of `now`.
fn pairs(past: &[Identity], now: &[&Identity]) -> Vec<(usize, usize)> {
    let same: [fn(&Identity, &Identity) -> bool; 4] = [
        |a, b| a.id.is_some() && a.id == b.id,
        |a, b| a.may_be(b) && a.name == b.name && a.address == b.address,
        |a, b| a.may_be(b) && a.address == b.address,
        |a, b| a.may_be(b) && a.name == b.name,
    ];
    let mut pairs: Vec<(usize, usize)> = Vec::new();
    for is_same in same {
        for (index, who) in now.iter().enumerate() {
            let is_open = |place: &usize| pairs.iter().all(|(other, at)| other != place && *at != index);
            let place = (0..past.len()).find(|place| is_open(place) && is_same(&past[*place], who));
            pairs.extend(place.map(|place| (place, index)));
        }
    }
    pairs
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rung(id: &str, name: &str, address: &str) -> Identity {
        let id = Some(id.to_owned()).filter(|id| !id.is_empty());
        Identity { id, name: name.to_owned(), address: address.to_owned() }
    }

    fn known(past: &[Identity], now: &[Identity]) -> Vec<usize> {
        told(past, &now.iter().collect::<Vec<_>>())
    }

    #[test]
    fn a_rung_is_itself_under_another_name_or_address_or_in_another_place() {
        let past = [rung("", "Nurse", "n@x"), rung("", "Doctor", "d@x")];
        assert_eq!(known(&past, &[rung("", "Nurse desk", "n@x"), rung("", "Doctor", "new@x")]), [0, 1]);
        assert_eq!(known(&past, &[rung("", "New", "e@x"), past[1].clone(), past[0].clone()]), [1, 2]);
        assert_eq!(known(&past, &[rung("", "Other", "o@x")]), [0usize; 0]);
        assert_eq!(known(&past, &[rung("n", "Nurse", "n@x")]), [0], "an id was written later");
    }

    #[test]
    fn an_id_says_who_it_is_whatever_else_changes() {
        let past = [rung("n", "Nurse", "n@x")];
        assert_eq!(known(&past, &[rung("n", "Ward", "w@x")]), [0]);
        assert_eq!(
            known(&past, &[rung("d", "Nurse", "n@x")]),
            [0usize; 0],
            "another rung behind her mailbox"
        );
        assert_eq!(known(&past, &[rung("d", "Head", "n@x"), rung("n", "Nurse", "m@x")]), [1]);
    }

    #[test]
    fn one_change_after_another_loses_nobody_and_a_name_that_was_left_is_free() {
        let past = [rung("", "Nurse", "n@x")];
        let renamed = rung("", "Ward", "n@x");
        let kept = remembered(&past, &[&renamed]);
        assert_eq!(known(&kept, &[rung("", "Ward", "w@x")]), [0]);
        let gone = remembered(&past, &[]);
        assert_eq!(known(&gone, &[rung("", "Nurse", "b@x")]), [0usize; 0], "somebody else under her name");
        assert_eq!(known(&gone, &[rung("", "Ward", "n@x")]), [0]);
    }

    #[test]
    fn whoever_took_over_only_the_name_was_not_told() {
        let past = [rung("", "Nurse", "a@x")];
        assert_eq!(known(&past, &[rung("", "Nurse", "b@x"), rung("", "Doctor", "a@x")]), [1]);
        assert_eq!(known(&past, &[past[0].clone(), past[0].clone()]), [0], "one ring counts for one rung");
    }
}
