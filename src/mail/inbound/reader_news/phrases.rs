//! How people say that somebody has died, in lower case and parted by bars. What is said of things too ("the phone is dead") stands
//! apart from what is said of people alone, and from what says it only where a person is named ("she passed in March").

/// Said of people alone.
pub(super) const OF_PEOPLE: [&str; 37] = [
    "fell asleep in the lord|fallen asleep in the lord|asleep in the lord|asleep in christ|asleep in jesus|date of death|goza de la presencia|en la presencia de dios|en la presencia del señor|en presencia de dios|\
     fecha de muerte|date de décès|data di morte|data da morte|descansó en paz|descanso en paz|descansó en el señor|descanso en el señor|duerme en el señor|durmió en el señor",
    "ens va deixar|ha traspassat|va traspassar|ha finat|és difunta|ja no és entre nosaltres|descansi en pau|hil egin da|hil egin zen|hil da|hil zen|zendu da|zendu zen|goian bego|joan zaigu betirako|\
     ndërroi jetë|nderroi jete|ka ndërruar jetë|ka nderruar jete|u nda nga jeta|na la përgjithmonë|išėjo anapilin|iškeliavo anapilin|iškeliavo amžinybėn|aizgāja mūžībā|aizgājusi mūžībā|devās mūžībā|aizsaulē",
    "lahkus igavikku|lahkus meie seast|lahkus meie hulgast|lahkus siit ilmast|ei ole enam meie seas|er látin|er dáin|var jarðsungin|er fallin frá|féll frá|kvaddi þennan heim|hún lést|lést á|lést í|lést þann|\
     wedi marw|bu farw|wedi ein gadael|fuair bás|d' éag|ar shlí na fírinne|ar dheis dé|ġiet nieqsa|ħalliet din id dinja|mietet il bieraħ|mietet ilbieraħ|mietet nhar|ommi mietet|marti mietet",
    "више није са нама|више није међу нама|није више са нама|напустила нас је|је умрла|бог да јој душу|više nije s nama|više nije među nama|nije više s nama|napustila nas je|έφυγε από τη ζωή|δεν είναι πια μαζί μας|έφυγε από κοντά μας|\
     ne a părăsit|ne a parasit|s a stins|s a stins din viață|dumnezeu s o odihnească|eltávozott közülünk|itt hagyott minket|már nincs közöttünk|už není mezi námi|opustila nás|už nie je medzi nami|našla večný pokoj",
    "انتقال کر گئی|انتقال کر گئیں|انتقال کر گئے|کا انتقال|انتقال ہو گیا|انتقال ہوگیا|وفات پا گئی|وفات پا گئیں|فوت ہو گئی|فوت ہو گئیں|فوت ہوگئی|فوت ہوگئیں|چل بسی|چل بسیں|اس دنیا میں نہیں|درگذشته است|فوت شد|فوت شده|از دنیا رفت|انتقلت الى رحمة الله|فارقت الحياة|\
     הלכה מאיתנו|הלכה מאתנו|זכרונה לברכה|նա այլևս չկա|აღარ არის ჩვენთან|აღარ არის ცოცხალი|hatunaye tena|ameaga dunia|telah tiada|telah berpulang|na sumakabilang buhay",
    "deceso|defunción|defuncion|certificado de defuncion|acta de defunción|acta de defuncion|partida de defunción|sepultada|sepultado|la enterramos|la sepultamos|dejó este mundo|dejo este mundo|ya no se encuentra entre nosotros|no se encuentra entre nosotros|ya no esta viva|ya no está viva|no está viva|ya no esta vivo|partió con dios|partio con dios|partió a la casa del señor",
    "this person is dead|this person died|this person has died|shes dead|shes died|shes passed|dead woman|dead person|no longer here with us|passt away|passed over to the other side|meine mutter verloren|meine frau verloren|meine tochter verloren|meine schwester verloren|unsere mutter verloren|unsere tochter verloren|unsere schwester verloren|mama verloren|mutti verloren",
    "s' en est allée|s' en est allé|s' en est allee|mamy už není|maminky už není|maminka už není|manželky už není|manželka už není|ženy už není|žena už není|sestry už není|dcery už není|umrla|umrl|zemřelá|zomrela|zomrel|preminuo",
    "acaba de fallecer|acaban de fallecer|partió con el señor|partio con el señor|se fue con el señor|the cancer won|cancer has won|at peace now|now at peace|the funeral was|the funeral is|the funeral took|the funeral will|memorial service|obituary|isn't alive|is not alive|isnt alive|not alive any|the estate of|her ashes",
    "took her own life|taken her own life|was killed in|has been killed in|not with us any|not with us anymore|past away|passed awy|pased away|passed a way|deseased|decesed|in loving memory|in memory of",
    "d e c e a s e d|perdio la vida|ya no esta con nosotros|ya no esta entre nosotros|nos dejo para siempre|descansando en paz|ya está con dios|ya esta con dios|ya está con el señor|ya esta con el señor|partio de este mundo",
    "paix à son âme|paix a son ame|la fede|va morir ahir|ha mort|ens ha deixat|preminula je|preminula|umrla je|umrla|pochinala|почина|преминула|meninggal|wafat|mouri|dhimatay|geeriyootay|fallecio",
    "נפטרה|נפטר|הלכה לעולמה|فوت کرد|فوت کرده|درگذشت|متوفاة|متوفية|المرحومة|وافتها المنية|انتقلت إلى رحمة الله",
    "passed away|passing away|deceased|no longer with us|no longer alive|no longer living|no longer among us|succumbed|her funeral",
    "lost her battle|lost her fight|lost her long battle|lost the battle|lost the fight|lost her life|rest in peace|rests in peace",
    "resting in peace|gone to be with|went to be with|went home to|gone home to|with the angels|is in heaven|'s in heaven|in heaven now",
    "buried her|her burial|her death|her passing|taken from us|'s funeral|her widower|her estate|death certificate|gone to heaven|went to heaven|called home|is with god|with god now|god took her|fell asleep forever|her eyes forever|in a better place|\
     left this world|left this life|left this earth|our last goodbye|was cremated|certificado de defunción|sterbeurkunde|breathed her last|her last breath",
    "fallecida|fallecido|falleció|fallecio|fallecimiento|ha fallecido|difunta|descanse en paz|descansa en paz|en paz descanse|q e p d",
    "d e p|qepd|nos dejó|nos ha dejado|se fue al cielo|está en el cielo|esta en el cielo|ya no vive|no está con nosotros|perdió la vida",
    "ya no está entre nosotros|su muerte|partió de este mundo|perdió la batalla|perdió su batalla|dejó de existir|ya descansa|dios se la llevó|está con dios|se fue con dios|a mejor vida",
    "verstorben|verstarb|verstorbene|von uns gegangen|lebt nicht mehr|lebt leider nicht mehr|weilt nicht mehr|heimgegangen|entschlafen",
    "friedlich eingeschlafen|für immer eingeschlafen|nicht mehr am leben|nicht mehr unter uns",
    "ums leben gekommen|den kampf verloren|nicht mehr bei uns|krebs verloren|ihrem krebsleiden erlegen|ruhe in frieden|aus dem leben geschieden",
    "décédée|décédé|decedee|decede|décès|s' est éteinte|s' est éteint|plus de ce monde|n' est plus parmi nous|repose en paz",
    "partie rejoindre|nous a quittés|nous a quittées|nous a quitté|repose en paix|rendu l' âme|a perdu la vie|est au ciel|partie au ciel|parti au ciel",
    "deceduta|deceduto|decesso|venuta a mancare|è mancata|e' mancata|ci ha lasciato|ci ha lasciati|si è spenta|riposi in pace",
    "riposa in pace|volata in cielo|salita al cielo|non è più tra noi|non è più con noi|è scomparsa|ha perso la vita",
    "faleceu|falecida|falecido|falecimento|veio a falecer|não está mais entre nós|já não está entre nós|nos deixou|descanse em paz",
    "não está mais conosco|perdeu a vida|foi para o céu|deus a levou|perdeu a batalha|óbito",
    "overleden|heengegaan|leeft niet meer|gestorven|niet meer onder ons|rust in vrede|ingeslapen|van ons heengegaan|niet meer bij ons|is er niet meer",
    "nie żyje|nie zyje|zmarła|zmarl|zmarla|zmarł|umarła|umarla|spoczywa w pokoju|odeszła od nas",
    "avled|avliden|avlidit|gick bort|gått bort|somnat in|somnade in|lever inte längre|vila i frid|finns inte längre|har lämnat oss|lämnade oss|har forladt os|har forlatt oss|ikke her mere|gik bort|gået bort",
    "gikk bort|avdød|afdød|sovet ind|sovnet inn|hvil i fred|lever ikke længere|lever ikke lenger|er gået bort|er ikke mere iblandt os",
    "kuollut|kuoli|menehtyi|menehtynyt|nukkui pois|nukkunut pois|poistunut keskuudestamme|edesmennyt|lepää rauhassa",
    "умерла|умер|скончалась|скончался|ушла из жизни|ушёл из жизни|нет в живых|больше нет с нами|её больше нет|ее больше нет|покойная|отошла в мир иной",
    "похоронили|царствие небесное|светлая память|ушла от нас|померла|помер|її більше немає|пішла з життя",
    "vefat etti|vefat etmiştir|vefatı|öldü|hayatını kaybetti|aramızdan ayrıldı|rahmetli|annemi kaybettik|a decedat|a murit|meghalt|elhunyt|zemřela|zemřel|πέθανε|απεβίωσε",
];
/// The same in Spanish by its sound: `ll` is `y`, a soft `c` is `s`, no accents.
pub(super) const BY_EAR: &str =
    "fayesio fayesido fayesida fayesimiento falesio falesido falesida fayesieron fayeco faleco";
/// Said of limbs, machines and lines as well.
pub(super) const OF_THINGS: [&str; 9] = [
    "va morir|es va morir|és morta|es morta|és mort|ja és morta|s' ha mort|ka vdekur|mirė|nomira|suri|on surnud|dó í|dó á|hún dó|on manalas",
    "beerdigt|beigesetzt|bestattet|je mrtvá|je mrtva|je mrtev|je mŕtva|je mrtav",
    "died|has died|had died|is dead|'s dead|is already dead|is now dead|been dead|perished|she dead|was buried|is buried|wurde beerdigt|fue enterrada|fue enterrado",
    "acaba de morir|murió|murio|ha muerto|se murió|se me murió|se nos murió|está muerta|esta muerta|está muerto|esta muerto|muere",
    "gestorben|ist tot|tot ist|est morte|est mort|est déjà morte|morte hier",
    "è morta|e' morta|è morto|e' morto|morì|morreu|está morta|está morto|esta morta",
    "is dood|dood is|är död|er død|er døde|døde|har dött|on kuollut",
    "мертва|мёртва|мертвый",
    "توفيت|توفي|ماتت|توفت|namatay|pumanaw|sumakabilang|patay na|qua đời|từ trần|tạ thế",
];
/// Says it only where a person is named before, and the end of the clause or a time stands behind.
pub(super) const WITH_PERSON: [&str; 6] = [
    "descansó|traspassà",
    "se nos adelantó|se nos adelanto|ya no está|ya no esta|has past|passed over|has passed over|não resistiu|nao resistiu|est partie hier",
    "no sobrevivió|no sobrevivio|didnt make it|didnt survive|never woke up|did not wake up|didn't wake up|eingeschlafen|est partie|đã mất tuần|perdimos|passed|has passed|sadly passed|passed on|has passed on|crossed over|has crossed over|expired|expiró|expiro|ha expirado|is gone|'s gone|has gone|left us|has left us|is departed|departed",
    "has departed|did not make it|didn't make it|didn't survive|did not survive|lost her|r i p|rip|n' est plus|partit|partiu|non c' è più",
    "odeszła|đã mất|se nos fue|nos dejo|se ha ido|verschieden|hat uns verlassen|ist gegangen|ist eingeschlafen|ist nicht mehr",
    "är borta|er borte|er væk|нас покинула|ушла|kaybettik|slipped away|'s passed|'s departed|is no more|'s no more|been gone|больше нет|не стало|nicht mehr da|n' est plus là",
];
/// Says it of her, whatever stands before.
pub(super) const OF_HER: [&str; 2] = [
    "am her widower|i'm her widower|as her widower|am the widower|i'm the widower|her widowed|cancer took her|cancer has taken her|cancer took my wife|cancer took my mother|cancer took my mum|cancer took my mom|she past on|she past in|she past last|she past yesterday|\
     she past this|she past peacefully|mom past on|mum past on|mother past on|wife past on|she past",
    "soy su viudo|soy el viudo|soy viudo de ella|como su viudo|cáncer se la llevó|cancer se la llevo|ihr witwer|bin der witwer|der krebs hat sie geholt|son veuf|suis le veuf|suo vedovo|sono il vedovo|o viúvo dela|sou o viúvo|haar weduwnaar",
];
/// Says it where a date stands right behind.
pub(super) const BEFORE_DATE: &str = "dod|d o d|died on|† am|gest|verst";
/// Says it of whoever stands behind, and of nobody else.
pub(super) const OF_NEXT: [&str; 4] = [
    "perdemos a minha|perdemos a nossa|perdemos minha|perdemos nossa|perdi a minha",
    "señor se llevó a|señor se llevo a|dios se llevó a|dios se llevo a|said goodbye to|said good bye to|say goodbye to|avons perdu|ai perdu|estate of|obituary of|death of|demise of|passing of|loss of|funeral of|we buried|lost my|lost our|rip|r i p|we lost|they lost|buried my|buried our|widower of|muerte de|pérdida de|entierro de",
    "perdí a|perdimos a|enterramos a|tod meiner|tod von|tod unserer|beerdigung meiner|beerdigung von|décès de|mort de|perdu ma|perdu notre|obsèques de|scomparsa di",
    "morte di|perso mia|morte da|morte de|perdi a|perdi minha|overlijden van|dood van|verloor mijn|śmierć|śmierci|pogrzeb|zmarcie|смерть|похороны|потеряла|потерял|død min|begravelsen til",
];
/// Names whoever stands behind as dead, of whom it may tell much else.
pub(super) const LATE: [&str; 1] = [
    "my late|our late|the late|his late|mi difunta|mi difunto|meine verstorbene|mein verstorbener|ma défunte|feu mon|la mia defunta",
];
/// The same in writing without gaps between words, wherever it stands.
pub(super) const UNPARTED: &str = "†|✝|去世|逝世|过世|過世|病逝|离世|離世|辞世|已故|死了|死亡|她走了|她不在了|亡くな|他界|逝去|永眠|死去|사망|돌아가셨|별세|세상을 떠났|죽었|\
    ਮੌਤ ਹੋ|ਗੁਜ਼ਰ ਗਈ|ਗੁਜ਼ਰ ਗਏ|ਦੇਹਾਂਤ|ਅਕਾਲ ਚਲਾਣਾ|ਸਵਰਗਵਾਸ|இறந்து|இறந்தார்|இறந்த|காலமான|மரணமடைந்த|உயிரிழந்த|மறைந்துவிட்ட|చనిపోయ|మరణించ|ನಿಧನ|ತೀರಿಕೊಂಡ|മരിച്ചു|അന്തരിച്ചു|મૃત્યુ|અવસાન|गुज़र गयी|वारली|\
    निधन|मृत्यु|गुजर गई|गुज़र गई|चल बसी|देहांत|देहान्त|स्वर्गवास|মারা গেছেন|মারা গেছে|মারা গেলেন|เสียชีวิต";
/// Of a limb or a thing in that writing, or nearly.
pub(super) const UNPARTED_THINGS: &str = "腿|脚|腳|手机|手機|电话|電話|电池|电脑|链接|差点|差點|累死|足が|足は|電池|電話|携帯|다리|전화|휴대폰|배터리";
/// Of a man or an animal in that writing.
pub(super) const UNPARTED_OTHERS: &str = "丈夫|老公|先生|父亲|父親|爸|儿子|兒子|哥哥|弟弟|爷爷|爺爺|狗|猫|貓|夫が|夫は|父が|父は|息子|犬|남편|아버지|아들|할아버지|강아지|고양이|पति|पिता|बेटा|ਪਤੀ|ਪਿਤਾ|ਪੁੱਤਰ|ਭਰਾ|கணவர்|கணவன்|தந்தை|அப்பா|மகன்|நாய்|భర్త|తండ్రి|ಗಂಡ|ತಂದೆ|ഭർത്താവ|അച്ഛൻ|પતિ|પિતા";
/// A death that is none.
pub(super) const NONE: [&str; 11] = [
    "ya no está en|ya no esta en|ya no está disponible|ya no esta disponible|ya no está el|ya no esta el|ya no está la|ya no esta la|passed over me|passed over my",
    "we crossed over|i crossed over|crossed over the|crossed over a|crossed over an|crossed over my|crossed over our|crossed over his|crossed over her|crossed over their",
    "died down|died away|died off|died out|died on me|died laughing|died of laughter|died of fright|died of shame|died of boredom",
    "died of embarrassment|died of embarassment|died inside|died a thousand|died a little|dead tired|dead on|dead set|dead certain",
    "dead sure|dead serious|dead slow|dead scared|dead beat|dead wrong|dead right|dead weight|dead to the world|dead from the",
    "dead below|dead inside|dead asleep|es ist tot|died from laughing|died with status|died with signal|died while sending|died during|no one died|no one has died|no one is dead",
    "muerta de dolor|muerta de miedo|muerta de cansancio|muerta de sueño|muerta de hambre|muerta de frío|muerta de risa|muerta de sed",
    "muerto de miedo|muerta de pena|muerta de vergüenza|muerta de angustia|muerta de la risa|muerta de preocupación",
    "morte de fatigue|morte de peur|morte de rire|morte de froid|mort de rire|morta di paura|morta di sonno|morta di stanchezza",
    "morta de medo|morta de cansaço|morta de fome|morta de sono|morta de dor|passed on to you|passed on to me|passed on to him",
    "passed on to her|passed on to them|passed on to my|passed on to the|passed on to another|passed on to a|passed on to our|passed on to your",
];
/// What may stand behind a phrase that says it only with a person: a time, a manner, the end.
pub(super) const BEHIND: &str = "in on at last this yesterday today tonight early earlier peacefully suddenly quietly after before from due \
    the a an her his their our my with and so but because now forever sadly recently unexpectedly surrounded following while during two three four five six seven some a ago when \
    january february march april may june july august september october november december monday tuesday wednesday thursday friday \
    saturday sunday el la en ayer hace hoy este esta tras después durante la anoche para al am im gestern heute letzte letzten vor seit für und hier lundi \
    mardi mercredi jeudi vendredi samedi dimanche le il ieri lunedì martedì trước rồi ontem em na no i igår förra vorige gisteren wczoraj w вчера в\
    dilluns dimarts dimecres dijous divendres dissabte diumenge ahir aquest aquesta ilbieraħ nhar il eilen vakar vakardien í gær";
/// Before a death that did not happen, or to which something is only likened.
pub(super) const NEARLY: &str = "nearly almost not never practically virtually casi no fast nicht beinahe nie presque pas quasi non quase \
    não nunca bijna niet prawie nie nästan inte næsten ikke nesten melkein ei едва чуть не почти wie like como comme come als jak som";
/// The same a few words before.
pub(super) const WOULD: &str =
    "would could i'd she'd hubiera habría wäre hätte serais serait sarebbe sarei teria if";
