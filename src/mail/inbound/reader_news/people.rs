//! Of whom a word speaks: somebody who may read our letters, or somebody or something who cannot. In lower case, parted by blanks.

/// Limbs, feelings, machines, papers and times: none of them dies so that anybody is to be spared a letter.
pub(super) const THINGS: [&str; 11] = [
    "cama cames peus braç esquena mòbil telèfon bateria cotxe ordinador hanka telefonoa këmba telefoni koja kāja jalg telefon fótur fóturinn síminn síma coes ffôn",
    "leg legs foot feet toe toes arm arms hand hands finger fingers knee knees hip hips thigh thighs back spine nerve nerves pain pains \
     ache headache numbness tingling feeling feelings sensation skin bladder bowel muscle muscles tooth teeth hair eye eyes ear ears cough \
     fever fear hope limb limbs side half body symptom symptoms swelling kidney libido sleep appetite wound cramp cramps spasm discomfort calf \
     calves buttock buttocks bum pelvis groin shin shins ankle ankles heel sole shoulder shoulders elbow wrist thumb face cheek lip lips tongue neck chest \
     belly stomach womb scar voice vision hearing memory mood",
    "link links website site page app form phone telephone mobile cell cellphone number line landline battery computer laptop tablet charger \
     car engine bus lift elevator tv radio wifi internet connection server router modem printer email mail mailbox inbox address password \
     token card session passport visa insurance licence license prescription subscription invitation voucher code certificate policy \
     offer deadline message letter letters queue process command job script program programme service host network system device screen \
     camera alarm watch clock pacemaker hearing aid torch light bulb software url portal button",
    "it this that these those everything nothing something anything nobody noone none time times day days week weeks month months year years \
     hour hours date appointment storm wind noise conversation plant plants blood clot clots stool stools urine tree trees flower flowers garden relationship marriage romance \
     idea project exam test stone danger winter summer moment what which rumour debate anger",
    "pierna piernas pie pies brazo brazos mano manos dedo dedos espalda nervio nervios dolor dolores sensación piel enlace enlaces sesión plazo código cita suscripción invitación licencia página sitio \
     web aplicación teléfono móvil celular número línea batería pila computadora ordenador coche carro correo contraseña planta esto eso \
     nada todo lado rodilla cadera miedo tarjeta nadie",
    "bein beine beinen fuß fuss füße füsse arm arme hand hände zeh zehen finger rücken nerv nerven schmerz schmerzen gefühl link seite webseite \
     telefon handy nummer leitung akku batterie computer auto verbindung internet adresse knie hüfte haut körper körperhälfte niemand alles nichts",
    "jambe jambes pied pieds bras main mains doigt doigts dos nerf nerfs douleur douleurs lien page site téléphone portable numéro ligne \
     batterie pile ordinateur voiture genou hanche peau côté cela ça rien personne gamba gambe piede piedi braccio braccia mano mani dito dita \
     schiena nervo dolore pagina sito telefono cellulare numero linea batteria ginocchio anca lato nessuno",
    "perna pernas pé pés braço braços mão mãos dedo costas nervo dor telefone celular número linha bateria carro joelho lado ninguém isso \
     been benen voet voeten vinger rug zenuw pijn pagina telefoon nummer lijn batterij knie niemand noga nogi nogą stopa stopy ręka ręce \
     palec plecy nerw ból strona telefon bateria nikt",
    "ben benet bena foten fot fødder foden arm armen handen hånden finger rygg ryggen nerv nerven smärta smärtan smerte smerten länk länken \
     lenken linket telefonen telefon batteriet batteri nummer nummeret numret ingen jalka jalkani jalat jalkani käsi käteni linkki \
     puhelin puhelimeni akku selkä kukaan",
    "нога ноги ногу рука руки стопа спина нерв боль ссылка сайт телефон батарея компьютер номер никто всё bacağım bacak ayağım kolum \
     telefon telefonum bağlantı numara kimse",
    "رجلي ساقي قدمي يدي هاتفي chân tay máy binti paa kamay telepono",
];
/// Men and animals: none of them has our letters.
pub(super) const OTHERS: [&str; 9] = [
    "marit germà sogre gos gat senarra aita anaia semea txakurra burri babai vëllai djali qeni vyras tėvas brolis sūnus šuo vīrs tēvs brālis dēls vend poeg koer \
     maðurinn pabbi faðir bróðir sonur hundurinn ամուսինս հայրս եղբայրս ქმარი მამა ძმა ბიჭი gŵr ngŵr nhad brawd athair deartháir raġel missier żewġi \
     муж отац брат супруг деда muž suprug otac djed tatăl soțul férjem apám bátyám πατέρας شوہر والد بھائی بیٹا",
    "husband hubby father dad daddy son sons brother brothers grandfather grandpa granddad grandad uncle nephew grandson boyfriend fiance \
     stepfather stepdad stepson stepbrother godfather widower man men boy guy gentleman he him his mr sir baby babies twins dog dogs cat cats \
     puppy kitten horse bird parrot hamster rabbit hen cow goldfish fish pet pets pony president king pope actor singer",
    "marido esposo padre papá hijo hermano abuelo abuelito tío sobrino nieto novio suegro cuñado yerno primo compadre padrino perro perra \
     perrito gato gata gatito caballo pájaro mascota él bebé señor sr don hombre",
    "mann ehemann gatte vater vati papa sohn bruder großvater grossvater opa onkel neffe enkel schwiegervater schwager schwiegersohn herr hund \
     hündin katze kater vogel pferd haustier wellensittich baby",
    "mari époux père fils frère oncle neveu gendre chien chienne chat chatte cheval oiseau papi papy monsieur bébé",
    "marito padre papà figlio fratello nonno zio suocero cognato genero cane cagnolina gatto gatta lui signor pai filho irmão avô tio sobrinho neto \
     namorado sogro cunhado genro cachorro cachorra cão gato ele senhor",
    "echtgenoot vader zoon broer opa oom neef kleinzoon schoonvader zwager hond kat poes hij meneer mąż męża mój ojciec tata syn brat dziadek \
     wujek teść pies kot pan",
    "mannen maken make pappa bror farfar morfar svärfar svigerfar hund hunden katt katten kat han manden sønn søn sonen herr mies mieheni isä isäni \
     poikani veljeni isoisäni koira koirani kissa kissani",
    "муж отец папа сын брат дед дедушка дядя он собака пёс пес кот кошка свёкор тесть чоловік батько babam oğlum dedem amcam köpeğim kedim \
     زوجي والدي أبي ابني أخي chồng bố cha asawa tatay anak aso",
];
/// Friends, neighbours, doctors: hardly she, unless the message asks something for her.
pub(super) const ACQUAINTANCES: [&str; 5] = [
    "friend friends neighbour neighbor neighbours colleague coworker boss doctor dr surgeon oncologist physician gp nurse therapist physio \
     teacher priest pastor landlord landlady roommate flatmate acquaintance cousin prof professor someone somebody survivor celebrity",
    "amigo amiga vecino vecina compañero compañera colega jefe jefa doctor doctora dra médico médica cirujano cirujana enfermera prima comadre \
     freund freundin nachbar nachbarin kollege kollegin chef chefin arzt ärztin hausarzt hausärztin onkologe onkologin bekannte bekannter cousine",
    "ami amie voisin voisine collègue médecin docteur chirurgien infirmière cousin amico amica vicino vicina collega medico dottore dottoressa \
     cugina cugino vizinho vizinha vriend vriendin buurman buurvrouw arts dokter huisarts",
    "przyjaciel przyjaciółka sąsiad sąsiadka lekarz lekarka koleżanka kolega vän väninna granne läkare kollega ven veninde nabo læge venn \
     venninne lege ystävä ystäväni naapuri lääkäri",
    "друг подруга сосед соседка врач доктор коллега arkadaşım komşum doktorum صديقتي طبيبي bạn kaibigan",
];
/// Women and children of a family: one of them may be the one we write to.
pub(super) const KIN: [&str; 11] = [
    "mare germana filla dona àvia ama amak emaztea alaba arreba nëna gruaja motra vajza motina žmona sesuo dukra māte sieva māsa meita ema naine abikaasa õde tütar \
     móðir konan systir dóttir mamma մայրս կինս քույրս დედა ცოლი gwraig chwaer merch máthair deirfiúr iníon ommi marti oħti binti",
    "мајка супруга ћерка сестра والدہ ماں بیوی بہن بیٹی μητέρα μαμά γυναίκα σύζυγος αδελφή κόρη soția fiica sora anyám feleségem lányom אמא אמי אשתי בתי mama mamos",
    "mother mum mom mam mummy mommy mama wife spouse partner sister sisters aunt auntie grandmother grandma granny gran nan nana niece \
     daughter daughters granddaughter stepmother stepmum stepmom stepsister stepdaughter godmother girlfriend parents parent child kid relative",
    "madre mamá mami mamita esposa mujer pareja hermana hermanita tía tia abuela abuelita nieta hija hijita sobrina suegra cuñada nuera novia \
     madrina padres",
    "mutter mutti frau ehefrau gattin partnerin lebensgefährtin schwester tante großmutter grossmutter oma enkelin tochter nichte schwiegermutter \
     schwägerin eltern kind mami",
    "mère maman femme épouse compagne conjointe sœur soeur tante fille nièce mamie mémé",
    "mamma moglie compagna sorella zia nonna figlia nipote suocera cognata fidanzata mãe mamãe mulher companheira irmã avó neta filha sogra cunhada namorada",
    "moeder vrouw echtgenote zus zuster dochter kleindochter schoonmoeder matka mamę mamy mojej żona żony żonę siostra siostry ciocia ciotka \
     babcia babci córka córki teściowa",
    "mor moder fru hustru kone maka syster søster faster moster farmor mormor dotter datter svärmor svigermor sambo äiti äitini vaimo vaimoni sisko \
     siskoni siskomme tätini mummo mummoni tyttäreni",
    "majka majku mati mamica supruga suprugu žena ženu sestro kći kćerka kćerku kćer hčerka hčerko baka baku tetka teta dcera dceru manželka \
     manželku maminka maminku sestru",
    "мать мама мамы маму жена жену жены сестра тётя тетя бабушка дочь дочка тёща теща свекровь annem annemiz karım eşim ablam teyzem anneannem \
     babaannem kızım زوجتي والدتي أمي أختي ابنتي vợ mẹ chị nanay ina",
];
/// Words for her herself: a pronoun, a title, what programs and strangers call her.
pub(super) const HERS: [&str; 3] = [
    "she her hers woman lady patient client customer member user holder owner resident recipient addressee subscriber mrs miss ms madam employee",
    "ella señora sra srta doña señorita titular paciente usuaria sie ihr patientin dame kontoinhaberin inhaberin empfängerin elle mme madame patiente \
     titulaire dame lei signora paziente ela dona senhora zij ze mevrouw patiënte ona pani pacjentka",
    "hon hun henne hän patienten она её ее пациентка госпожа вона هي siya",
];
/// Those of them that only point at somebody named before.
pub(super) const PRONOUNS: &str =
    "she her hers ella sie ihr elle lei ela zij ze ona hon hun henne hän она её ее вона هي siya";
/// Words by which the author names himself.
pub(super) const SELF: &str = "i i'm i'd i've yo ich j' io eu ik jag jeg minä я ben";
/// What stands behind "je" where it is French and "I": in Croatian, Serbian, Slovene and Czech it is "is", in Dutch "you".
pub(super) const BEHIND_JE: &str = "suis ne n' me m' vais serais étais meurs mourrai deviens";
/// Words by which somebody is called the author's, or ours.
pub(super) const MINE: &str = "my our mi mis nuestra nuestro mein meine meiner meinem meinen unser unsere mon ma mes notre mia mio mie nostra minha meu \
    nossa mijn onze moja mój moje nasza min mitt mina mine vår vores moj naša naše моя мой мои моей наша";
/// Articles and the like, behind which a word in small letters is a thing and no name.
pub(super) const ARTICLES: &str =
    "the your this that those these a an el la tu su este esta un una vuestro vuestra lo los las";
/// Words that part the thing from whose it is: "the leg of my wife".
pub(super) const OF: &str = "of from to with de del von vom der di della da do dalla van";
/// Words at which another clause begins: what stands before says nothing of who died.
pub(super) const CLAUSES: &str = "says said say saying tells told tell wrote writes write writing informs inform informed informing heard hear learned learnt \
    know knows think thinks thought believe regret report notify notified announce confirm read when where because since after before if although \
    though while so but whether dice dijo digo decir informo informar informarles avisar aviso avisarles comunicar comunico cuando porque pues pero sagt \
    sagte mitteilen mitzuteilen dass weil da wenn als aber denn que dit dire informer annoncer quand parce mais car che dico dire informare comunicare \
    quando perché ma disse avisar comunicar pero porque dat omdat maar że bo gdy ale att eftersom men at fordi что потому но когда";
/// Words that name nobody: beside them alone a clause is empty.
pub(super) const EMPTY: [&str; 3] = [
    "the a an my our your his their and or as at in on of to for with from by is was has had have been be am are were will just only sadly unfortunately \
     regrettably suddenly peacefully recently already also now today yesterday tomorrow last next week weeks month months year years night morning evening \
     afternoon ago then there here very dear dearest beloved poor late old eldest youngest best own ex please note hello hi thanks thank re fwd aw sv it's \
     early monday tuesday wednesday thursday friday saturday sunday january february march april may june july august september october november december",
    "de el la los las un una mi mis tu su sus nuestra nuestro y o a al del en con por para se me le lo les nos ya muy ayer hoy hace semana mes año pasado \
     pasada lunes martes miércoles jueves viernes sábado domingo querida querido lamentablemente tristemente desgraciadamente ha \
     der die das den dem des ein eine mein meine meiner meinem unser unsere ist hat war wurde leider gestern heute vor letzte letzten woche jahr am im und \
     montag dienstag mittwoch donnerstag freitag samstag sonntag",
    "les une mon ma mes notre est été malheureusement hier et il i gli uno è stata stato purtroppo ieri o os as um uma minha nossa foi infelizmente ontem \
     het een mijn onze is helaas gisteren en w na to moja nasza niestety wczoraj en ett min vår har är tyvärr igår er desværre i går dessverre nu \
     je moj naš naša naše nažalost žalost jučer juče bohužel včera \
     моя наша вчера к сожалению от у меня мне нас наш нам по",
];
