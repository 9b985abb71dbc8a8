//! That a mailbox is none, as servers of other countries say it. In these languages the words stand in any order, so that it is
//! enough that one clause has a word for her and one for what is wrong, and none for whoever writes.

use crate::care::refusal::phrases::clause::Clause;
use crate::care::refusal::phrases::waiting;
use crate::care::refusal::reason::RefusalReason::{self, Disabled, UnknownMailbox};

/// The beginnings of words of a language, or of several that share them.
struct Language {
    /// Her, her mailbox, her address.
    hers: &'static str,
    /// It does not exist.
    absent: &'static str,
    /// That it was closed for good.
    closed: &'static str,
    /// Whoever writes, and what is theirs.
    others: &'static str,
}

const LANGUAGES: [Language; 17] = [
    Language {
        hers: "usuari|destinatari|buzón|buzon|casilla|cuenta|dirección|direccion|correo",
        absent: "no existe|inexistente|desconocid|no encontrad|no se encuentra|no se encontr|no se ha encontr",
        closed: "desactivad|deshabilitad|cerrad|cancelad|eliminad|borrad|dada de baja|dado de baja|ya no está en uso\
         |ya no esta en uso|ya no se usa|por inactividad",
        others: "mensaje|remitente|su cuenta|su ip|su dirección ip|contraseñ|servidor",
    },
    Language {
        hers: "usuári|usuari|utilizador|destinatári|destinatari|conta|caixa|endereço|endereco",
        absent: "inexistente|não existe|nao existe|desconhecid|não encontrad|nao encontrad|não foi encontrad\
         |nao foi encontrad|inválid|não cadastrad|nao cadastrad|não registrad|nao registrad",
        closed: "desativad|desabilitad|encerrad|cancelad|excluíd|excluid|por inatividade",
        others: "remetente|sua conta|seu ip|senha|servidor",
    },
    Language {
        hers: "utilisateur|destinataire|boîte|boite|compte|adresse",
        absent: "n'existe p|n'existe plus|inexistant|inconnu|introuvable|n'est pas connu|n existe pas",
        closed: "désactiv|desactiv|fermé|ferme |fermee|supprimé|supprime|clôtur|clotur|résilié|archivé|archivee|n'est plus utilis\
         |n'est plus activ",
        others: "expéditeur|expediteur|votre |adresse ip|mot de passe|serveur",
    },
    Language {
        hers: "benutzer|empfänger|empfaenger|empfanger|postfach|mailbox|konto|adresse|nutzer|teilnehmer",
        absent: "unbekannt|existiert nicht|nicht bekannt|nicht gefunden|nicht vorhanden|gibt es nicht\
         |nicht existent|kein postfach|keine mailbox|kein benutzer|keinen benutzer|kein konto|keinen empfänger",
        closed: "deaktiviert|geschlossen|gelöscht|geloescht|stillgelegt|abgeschaltet\
         |nicht mehr verwendet|nicht mehr genutzt|nicht mehr benutzt",
        others: "absender|ihr konto|ihre |ip |kennwort|passwort|server",
    },
    Language {
        hers: "utente|destinatari|casella|indirizzo|account",
        absent: "sconosciut|inesistente|non esiste|non trovat|non risulta",
        closed: "disabilitat|disattivat|chius|cancellat|dismess",
        others: "mittente|tuo |suo account|indirizzo ip|server",
    },
    Language {
        hers: "gebruiker|ontvanger|postbus|mailbox|adres|account|geadresseerde",
        absent: "onbekend|bestaat niet|niet gevonden|niet bekend",
        closed: "opgeheven|uitgeschakeld|gesloten|verwijderd",
        others: "afzender|uw adres|uw account|uw domein|uw server|uw ip|uw mail|ip adres|wachtwoord",
    },
    Language {
        hers: "användar|anvandar|mottagar|adressen|brevlåd|kontot|bruger|bruker|modtager|mottaker|postkasse\
         |postboks",
        absent: "finns inte|okänd|hittades inte|existerar inte|ukendt|ukjent|findes ikke|finnes ikke\
         |eksisterer ikke|ikke fundet|ikke funnet",
        closed: "avslutat|inaktiverat|nedlagt|lukket|deaktiveret|deaktivert|stängd",
        others: "avsändar|afsender|avsender|din |ip |lösenord",
    },
    Language {
        hers: "vastaanottaj|käyttäj|kayttaj|postilaatik|osoite",
        absent: "tuntematon|ei löydy|ei loydy|ei ole olemassa|ei löytynyt|tuntematonta",
        closed: "suljettu|poistettu",
        others: "lähettäj|lahettaj|ip |salasana",
    },
    Language {
        hers: "użytkownik|uzytkownik|adresat|odbiorc|konto|konta|skrzynk|adres|uživatel|uzivatel|příjemce\
         |schránka|používateľ",
        absent: "nieznan|nie istnieje|nie ma |nie znalezion|neznám|neexistuje|nenalezen|nebyl nalezen",
        closed: "wyłączon|wylaczon|zamknięt|zamkniet|usunięt|zrušen",
        others: "nadawc|twoje |twój|odesílatel|odesilatel|hasł|serwer",
    },
    Language {
        hers: "kullanıcı|kullanici|alıcı|alici|posta kutusu|hesap|adres",
        absent: "bulunamadı|bulunamadi|bilinmeyen|bilinmiyor|mevcut değil|mevcut degil| yok ",
        closed: "kapatıl|kapalı|devre dışı|silin",
        others: "gönderen|gonderen|sizin |ip |şifre",
    },
    Language {
        hers: "пользовател|получател|ящик|адрес|аккаунт|користувач|одержувач|скринька",
        absent: "не существует|не существуют|не найден|неизвест|нет такого|не існує|невідом|не знайден",
        closed: "отключ|удален|удалён|закрыт|вимкнен",
        others: "отправител|відправник|ваш|пароль|сервер|ip ",
    },
    Language {
        hers: "felhasználó|címzett|postafiók|utilizator|destinatar|χρήστης|παραλήπτης|korisnik|primatelj",
        absent: "ismeretlen|nem létezik|nem található|necunoscut|nu există|nu exista|inexistent|δεν υπάρχει\
         |άγνωστος|ne postoji|nepoznat",
        closed: "megszűnt|dezactivat|închis",
        others: "feladó|expeditor|αποστολέας|pošiljatelj|ip ",
    },
    Language {
        hers: "用户|用戶|收件|邮箱|郵箱|信箱|帐号|账号|帳號|帐户|账户|地址|使用者",
        absent: "不存在|未找到|无效|找不到|无此|無此|没有此|沒有此|查无",
        closed: "已停用|已禁用|已关闭|被禁用|已注销|已經停用|已停止",
        others: "发件|發件|寄件|发信|您的|你的|ip",
    },
    Language {
        hers: "ユーザ|宛先|受信者|メールボックス|アドレス|アカウント",
        absent: "存在しま|存在しない|見つかりません|不明|見つからない",
        closed: "無効に|閉鎖|削除され",
        others: "送信者|差出人|あなた|ip",
    },
    Language {
        hers: "người dùng|người nhận|hộp thư|địa chỉ|tài khoản",
        absent: "không tồn tại|không tìm thấy",
        closed: "đã bị vô hiệu|đã bị xóa|đã đóng",
        others: "người gửi|của bạn|máy chủ|mật khẩu|ip ",
    },
    Language {
        hers: "ผู้ใช้|ผู้รับ|ที่อยู่|กล่องจดหมาย|บัญชี",
        absent: "ไม่พบ|ไม่รู้จัก",
        closed: "ถูกปิด|ถูกลบ",
        others: "ผู้ส่ง|ของคุณ|เซิร์ฟเวอร์|รหัสผ่าน|ip",
    },
    Language {
        hers: "사용자|수신자|받는|메일함|계정|주소",
        absent: "존재하지|찾을 수 없|없는 |없습니다",
        closed: "비활성|삭제된|폐쇄",
        others: "발신자|보내는|보낸|ip",
    },
];

/// Said alone they are said of her: nothing else is named.
const ALONE: &str = "non esiste|no existe|inconnu|unbekannt|n'existe pas|existiert nicht";

/// What a clause says of her mailbox in another language.
pub(super) fn read(clause: &Clause) -> Option<RefusalReason> {
    if waiting::is_for_now_abroad(&clause.words) {
        return None;
    }
    let spoken = |language: &Language| {
        let has = |signs: &str| signs.split('|').any(|sign| stands(&clause.words, sign));
        match () {
            () if !has(language.hers) || has(language.others) => None,
            () if has(language.absent) => Some(UnknownMailbox),
            () => has(language.closed).then_some(Disabled),
        }
    };
    let alone = || {
        let said = clause.words.trim_start_matches(|c: char| c.is_ascii_digit() || c == ' ' || c == '†');
        ALONE.split('|').any(|sign| sign == said.trim_end()).then_some(UnknownMailbox)
    };
    LANGUAGES.iter().find_map(spoken).or_else(alone)
}

/// Where words have borders a sign is the beginning of one.
fn stands(words: &str, sign: &str) -> bool {
    let has_borders = sign
        .chars()
        .next()
        .is_some_and(|c| c.is_alphabetic() && u32::from(c) < 0x2E80 && !('\u{e00}'..='\u{e7f}').contains(&c));
    words.match_indices(sign).any(|(at, _)| {
        let before = words[..at].chars().next_back();
        !has_borders || before.is_none_or(|c| !c.is_alphanumeric())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mailbox_that_is_none_is_known_in_the_words_of_each_country() {
        for said in [
            "el destinatario no existe",
            "usuário inexistente",
            "boite inexistante",
            "cet utilisateur n'existe pas",
            "postfach existiert nicht",
            "utente non trovato",
            "gebruiker onbekend",
            "uw bericht kon niet worden bezorgd: gebruiker onbekend",
            "utilizador desconhecido",
            "존재하지 않는 사용자",
            "användaren finns inte",
            "ukendt bruger",
            "tuntematon vastaanottaja",
            "nie ma takiego uzytkownika",
            "kullanıcı bulunamadı",
            "такого пользователя не существует",
            "a címzett ismeretlen",
            "用户不存在",
            "宛先が見つかりません",
            "수신자를 찾을 수 없습니다",
            "la casella è stata disattivata",
            "non esiste",
            "usuário não cadastrado",
            "esta dirección ya no está en uso",
            "diese adresse wird nicht mehr verwendet",
            "cette adresse n'est plus utilisée",
            "người dùng không tồn tại",
            "ไม่พบผู้ใช้",
        ] {
            assert!(Clause::all(said).iter().any(|clause| read(clause).is_some()), "{said}");
        }
    }

    #[test]
    fn what_is_closed_only_for_now_is_not_dead() {
        for said in [
            "el buzón está temporalmente deshabilitado",
            "konto vorübergehend deaktiviert",
            "compte temporairement désactivé",
            "conta desativada temporariamente",
            "casella temporaneamente disabilitata",
            "mailbox tijdelijk uitgeschakeld",
            "ящик временно отключен",
        ] {
            assert!(Clause::all(said).iter().all(|clause| read(clause).is_none()), "{said}");
        }
    }

    #[test]
    fn whoever_writes_is_not_she() {
        for said in [
            "el remitente no existe",
            "la cuenta del remitente no existe",
            "adresse de l'expéditeur inconnue",
            "votre compte est désactivé",
            "die adresse des absenders existiert nicht",
            "indirizzo del mittente sconosciuto",
            "адрес отправителя не существует",
            "发件人地址不存在",
            "uw account is opgeheven",
            "het adres van uw server is onbekend",
            "el buzón está lleno",
            "postfach voll",
            "the contact is known",
        ] {
            assert!(Clause::all(said).iter().all(|clause| read(clause).is_none()), "{said}");
        }
    }
}
