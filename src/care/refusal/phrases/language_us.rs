//! What servers of other countries say of us: of our address and account, of signing in, relaying and how much we send. What they
//! say of our sender stands with the English words for it ([`crate::care::refusal::phrases::sender`]).

use crate::care::refusal::cause::Cause::{Limit, Listed, Relay, ReverseDns, SignIn, Suspended};
use crate::care::refusal::phrases::clause::{ClauseRule, rule};
use crate::care::refusal::reason::RefusalReason::Us;

/// Words for her, beside which something is not ours.
const HERS: &str = " †| recipient | destinat| empfänger| empfaenger| geadresseerde| ontvanger| odbiorc| adresat\
 | получател| 收件";

/// Words for her mailbox, which can be locked on a server as that can be on a list.
const BOXES: &str = " postfach | mailbox | benutzer| konto | compte | utilisateur| boîte | boite | usuari| usuári| cuenta \
 | buzón | buzon | casella | utente | account | conta | caixa | gebruiker | skrzynk| konta | ящик| пользовател| †| recipient \
 | destinat| empfänger| empfaenger| geadresseerde| ontvanger| odbiorc| adresat| получател| 收件|邮箱|用户";

/// The rules, in the order in which they count.
pub(super) const RULES: &[ClauseRule] = &[
    rule(
        " ip | ¶ | ihr server | mailserver | server | serveur | servidor | host | 您的ip|ip地址",
        " sperrliste| schwarze liste | schwarzen liste | blockliste| gesperrt | liste noire | liste de blocage | bloqué\
         | lista negra | lista de bloque| bloquead| lista nera | bloccat| zwarte lijst | blokkeerlijst| geblokkeerd\
         | czarnej li| zablokowan| blokovan| чёрн| черн| заблокир|黑名单|被拒|被屏蔽",
        Us(Listed),
    )
    .unless(BOXES),
    rule(
        " relay| relais | weiterleit| retransmis| inoltro | doorsturen ",
        " nicht | non | niet | nie | não | nao | interdit| verboten | untersagt | verweigert | refus| denegad| negad\
         | vietat| запрещ",
        Us(Relay),
    ),
    rule(" reenvío | reenvio | retransmis", " no | denegad| prohibid", Us(Relay)).unless(" buzón | buzon "),
    rule(
        " authentifi| authentisier| autentica| autentific| anmeldung | anmelden | mot de passe | passwort \
         | kennwort | contraseñ| uwierzytelni| аутентифик| авториза| authenticatie | wachtwoord | přihlášen| prihlasen|身份验证|认证|認証",
        " requis| requier| vyžadov| obligatoire | nécessaire | necessaire | erforderlich | notwendig | benötigt | zuerst | requerid\
         | necesari| obligatori| richiest| necessari| necessári| exigid| vereist | nodig | wymagan| требу| необходим\
         | falsch| incorrect| inválid| échou| fehlgeschlagen | fallid| fallit| devez | debe | deve | müssen | muss | doit | moet \
         | não autentic| nao autentic| no autentic| non authentif| non autentic| nicht authentif| nicht angemeldet \
         |需要|必要|失败|必须",
        Us(SignIn),
    )
    .unless(HERS),
    rule(
        " envío | envio | envíos | sendelimit | versand| d'envoi | invio | verzend| wysył| отправк",
        " límite | limite | quota | cuota | limit | sendelimit | kontingent | limiet | лимит| superad| excedid\
         | überschritten | dépass| przekrocz| превыш",
        Us(Limit),
    )
    .unless(HERS),
    rule(
        " reverso | inverso | resolución inversa | resolucion inversa | dns inversa ",
        " sem | não | nao | no | sin | falta| non | senza | inválid| incorret",
        Us(ReverseDns),
    )
    .unless(HERS),
    // So much an hour or a day is sent, not stored.
    rule(
        " por hora | por día | por dia | diari| par heure | par jour | pro stunde | pro tag | all'ora | al giorno | per uur | per dag \
         | na godzinę | dziennie | в час | в день ",
        " límite | limite | cuota | quota | limit | kontingent | limiet | limitu | лимит| superad| excedid| dépass| überschritten \
         | demasiad| trop de | zu viele | troppi | troppe | te veel ",
        Us(Limit),
    )
    .unless(" buzón | buzon | boîte | boite | postfach | casella | caixa | recibid| entrante| reçu| empfangen "),
    rule(
        " votre compte | ihr konto | ihr account | su cuenta | tu cuenta | sua conta | il tuo account | il suo account \
         | uw account | twoje konto | ваш аккаунт | ваша учетная запись |您的帐户|您的账户|您的帐号|您的账号",
        " suspend| désactiv| bloqu| gesperrt | deaktiviert | desactivad| cancelad| bloccat| sospes| geblokkeerd \
         | zablokowan| заблокир| отключ|禁用|冻结|封",
        Us(Suspended),
    ),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::care::refusal::phrases::clause::{self, Clause};

    #[test]
    fn what_she_is_told_of_is_not_ours() {
        for said in [
            "der server des empfängers ist gesperrt",
            "el buzón del destinatario requiere autenticación",
            "postfach voll",
            "boîte pleine",
            "servidor ocupado",
            "cuenta cancelada",
            "le serveur est occupé",
            "postfach auf diesem server gesperrt",
        ] {
            assert_eq!(clause::first(RULES, &Clause::all(said), |_| true), None, "{said}");
        }
    }
}
