//! The words that say more than is known, by language: data, for readers of these languages to correct.

/// What is wrong with a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// It says what only a court can find.
    Verdict,
    /// It judges what it should only report.
    Loaded,
}

/// A word in all its forms.
pub(super) struct Term {
    pub(super) fault: Fault,
    /// The forms, in small letters.
    pub(super) forms: &'static [&'static str],
    /// Why it says too much.
    pub(super) why: &'static str,
    /// What to write in its place.
    pub(super) instead: &'static str,
    /// Words just before it with which it says no more than is known.
    pub(super) not_after: &'static [&'static str],
    /// Words just after it with which it does not; `0` is any number.
    pub(super) not_before: &'static [&'static str],
    /// Words of which one must come next, if there are any. One that ends in an apostrophe is joined to the word after it.
    pub(super) only_before: &'static [&'static str],
    /// Words near to it, before or after, with which it means something else.
    pub(super) not_near: &'static [&'static str],
    /// Words of which one must stand near after it, if there are any.
    pub(super) only_near: &'static [&'static str],
}

/// The words of a language.
pub(super) struct Language {
    /// Its code.
    pub(super) code: &'static str,
    /// What may be written in one with the word before it.
    pub(super) prefixes: &'static [&'static str],
    /// Words by which what comes near after them is denied, or left open.
    pub(super) denied_after: &'static [&'static str],
    /// Words by which what comes near before them is.
    pub(super) denied_before: &'static [&'static str],
    /// The words that end the name of a law, as they are written in one.
    pub(super) laws: &'static [&'static str],
    pub(super) terms: &'static [Term],
}

const NONE: Term = Term {
    fault: Fault::Verdict,
    forms: &[],
    why: "",
    instead: "",
    not_after: &[],
    not_before: &[],
    only_before: &[],
    not_near: &[],
    only_near: &[],
};

/// A word for what somebody was not yet found to be.
const fn verdict(forms: &'static [&'static str], instead: &'static str, not_after: &'static [&'static str]) -> Term {
    Term { fault: Fault::Verdict, forms, why: "says what only a court can find", instead, not_after, ..NONE }
}

/// A word that judges what was said.
const fn loaded(forms: &'static [&'static str], why: &'static str, instead: &'static str) -> Term {
    Term { fault: Fault::Loaded, forms, why, instead, ..NONE }
}

const GUILT: &str = "makes a statement an admission of guilt";
const TRUTH: &str = "says that what was said is true and was hidden";
const DOUBT: &str = "says that what was said is not to be believed";

const EN_ALLEGED: &[&str] = &["alleged", "suspected", "presumed", "accused", "convicted", "so-called", "supposed"];
const HI_ALLEGED: &[&str] = &["कथित", "संदिग्ध", "तथाकथित"];
const AR_ALLEGED: &[&str] = &["المدعو", "بأنه", "المزعوم"];
const ES_ALLEGED: &[&str] =
    &["presunto", "presunta", "presuntos", "presuntas", "supuesto", "supuesta", "supuestos", "supuestas"];
const FR_ALLEGED: &[&str] =
    &["présumé", "présumée", "présumés", "présumées", "prétendu", "prétendue", "prétendus", "prétendues", "supposé"];

pub(super) const LANGUAGES: &[Language] = &[
    Language {
        code: "en",
        prefixes: &[""],
        denied_after: &[
            "no", "not", "never", "nobody", "none", "neither", "nor", "cannot", "didn", "wasn", "weren", "isn", "aren",
            "doesn", "don", "hasn", "haven", "denied", "denies", "deny", "denying", "denial", "rejected", "rejects",
            "disputed", "disputes", "whether", "if", "unless", "until", "without",
        ],
        denied_before: &[],
        laws: &["Act", "Acts", "Bill", "Code", "Law", "Ordinance", "Order", "Regulation", "Regulations", "Convention"],
        terms: &[
            verdict(&["murderer", "murderers", "murderess"], "accused of murder", EN_ALLEGED),
            Term {
                not_before: &[
                    "whale", "whales", "disease", "heat", "virus", "bee", "bees", "blow", "blows", "instinct", "punch",
                    "app", "robot", "robots", "cell", "cells", "drone", "drones", "feature", "question",
                ],
                ..verdict(&["killer", "killers"], "suspected of the killing", EN_ALLEGED)
            },
            Term {
                not_before: &[
                    "attack",
                    "attacks",
                    "activity",
                    "activities",
                    "fighter",
                    "fighters",
                    "bombing",
                    "bombings",
                    "camp",
                    "camps",
                    "cell",
                    "cells",
                    "crime",
                    "crimes",
                    "funding",
                    "hideout",
                    "hideouts",
                    "infrastructure",
                    "links",
                    "network",
                    "networks",
                    "outfit",
                    "outfits",
                    "plot",
                    "plots",
                    "propaganda",
                    "purpose",
                    "purposes",
                    "ties",
                    "training",
                    "violence",
                    "organisation",
                    "organisations",
                    "organization",
                    "organizations",
                    "group",
                    "groups",
                    "act",
                    "acts",
                    "offence",
                    "offences",
                    "offense",
                    "offenses",
                    "threat",
                    "threats",
                    "financing",
                    "content",
                    "designation",
                    "list",
                    "incident",
                    "incidents",
                    "screening",
                    "watchlist",
                ],
                ..verdict(&["terrorist", "terrorists"], "suspected of terrorism", EN_ALLEGED)
            },
            verdict(
                &["fraudster", "fraudsters", "swindler", "swindlers", "conman", "conmen"],
                "accused of fraud",
                EN_ALLEGED,
            ),
            verdict(&["rapist", "rapists"], "accused of rape", EN_ALLEGED),
            verdict(
                &["paedophile", "paedophiles", "pedophile", "pedophiles"],
                "accused of abusing children",
                EN_ALLEGED,
            ),
            verdict(&["arsonist", "arsonists"], "suspected of arson", EN_ALLEGED),
            verdict(&["thief", "thieves"], "accused of theft", EN_ALLEGED),
            verdict(&["traitor", "traitors"], "accused of treason", EN_ALLEGED),
            verdict(&["war criminal", "war criminals"], "accused of war crimes", EN_ALLEGED),
            Term {
                not_before: &["plea", "pleas", "verdict", "verdicts", "party", "conscience", "or"],
                ..verdict(
                    &["guilty"],
                    "accused",
                    &[
                        "not",
                        "plead",
                        "pleads",
                        "pleaded",
                        "pleading",
                        "pled",
                        "feel",
                        "feels",
                        "felt",
                        "feeling",
                        "or",
                        "whether",
                        "until proven",
                        "until proved",
                    ],
                )
            },
            Term {
                not_after: &["was", "were", "been", "be", "being", "is", "are", "get", "got", "patients"],
                not_before: &[
                    "to hospital",
                    "to the hospital",
                    "to a hospital",
                    "to intensive",
                    "to the intensive",
                    "to an",
                    "to the emergency",
                    "to the bar",
                    "to membership",
                    "patients",
                    "students",
                    "into",
                    "as",
                    "0",
                    "her to",
                    "his evidence",
                    "her evidence",
                    "their evidence",
                ],
                // Courts admit evidence and petitions, schools pupils; nobody but a person admits that something was so.
                only_before: &[
                    "it",
                    "that",
                    "to",
                    "he",
                    "she",
                    "they",
                    "his",
                    "her",
                    "their",
                    "guilt",
                    "having",
                    "being",
                    "killing",
                    "lying",
                    "knowing",
                    "taking",
                    "paying",
                    "using",
                    "murder",
                    "the murder",
                    "the killing",
                    "fraud",
                ],
                ..loaded(&["admitted", "admits"], GUILT, "said")
            },
            loaded(&["confessed", "confesses"], GUILT, "said"),
            Term {
                only_before: &[
                    "that", "how", "what", "why", "to", "in", "it", "he", "she", "they", "his", "her", "their",
                ],
                not_near: &[
                    "analysis",
                    "audit",
                    "autopsy",
                    "census",
                    "data",
                    "dna",
                    "examination",
                    "footage",
                    "imagery",
                    "inspection",
                    "mortem",
                    "postmortem",
                    "probe",
                    "ray",
                    "rays",
                    "samples",
                    "scan",
                    "scans",
                    "study",
                    "survey",
                    "test",
                    "tests",
                ],
                ..loaded(&["revealed", "reveals"], TRUTH, "said")
            },
            Term {
                // Whoever claims asylum, damages or a prize makes no statement.
                only_before: &["that", "to", "it", "he", "she", "they", "there", "in a", "in an", "during", "on"],
                ..loaded(&["claimed"], DOUBT, "said")
            },
        ],
    },
    Language {
        code: "hi",
        prefixes: &[""],
        denied_after: &["नहीं", "न", "क्या", "अगर", "यदि"],
        denied_before: &["नहीं", "न", "इनकार", "इन्कार", "खंडन"],
        laws: &["अधिनियम", "क़ानून", "कानून"],
        terms: &[
            verdict(&["हत्यारा", "हत्यारे", "हत्यारों", "हत्यारी"], "हत्या का आरोपी", HI_ALLEGED),
            Term {
                not_before: &["हमला", "हमले", "हमलों", "संगठन", "संगठनों", "गतिविधि", "गतिविधियों", "घटना", "घटनाओं"],
                ..verdict(&["आतंकवादी", "आतंकवादियों", "आतंकी", "आतंकियों"], "आतंकवाद का संदिग्ध", HI_ALLEGED)
            },
            Term {
                not_before: &["नहीं", "न"], ..verdict(&["दोषी", "दोषियों", "गुनहगार"], "आरोपी", HI_ALLEGED)
            },
            verdict(&["अपराधी", "अपराधियों"], "आरोपी", HI_ALLEGED),
            verdict(&["धोखेबाज़", "धोखेबाज", "जालसाज़", "जालसाज", "ठग"], "धोखाधड़ी का आरोपी", HI_ALLEGED),
            verdict(&["बलात्कारी"], "बलात्कार का आरोपी", HI_ALLEGED),
            verdict(&["देशद्रोही", "गद्दार"], "देशद्रोह का आरोपी", HI_ALLEGED),
            loaded(&["कबूल किया", "कबूल की", "कबूला", "क़बूल किया"], GUILT, "कहा"),
            loaded(&["खुलासा किया", "ख़ुलासा किया", "पर्दाफाश किया", "पर्दाफ़ाश किया", "उजागर किया"], TRUTH, "बताया"),
            // Damages are claimed too, with `का` and without `कि`.
            Term {
                only_before: &["कि", "है कि", "था कि"], ..loaded(&["दावा किया"], DOUBT, "कहा")
            },
        ],
    },
    Language {
        code: "ar",
        prefixes: &["", "و", "ف"],
        denied_after: &[
            "لا",
            "لم",
            "لن",
            "ليس",
            "ليست",
            "ليسوا",
            "غير",
            "نفى",
            "نفت",
            "ينفي",
            "تنفي",
            "أنكر",
            "أنكرت",
            "ينكر",
            "هل",
        ],
        denied_before: &[],
        laws: &[],
        terms: &[
            verdict(&["القاتل", "القتلة"], "المتهم بالقتل", AR_ALLEGED),
            Term {
                not_after: &["العمل", "الهجوم", "التنظيم", "الاعتداء", "هجوم", "عمل", "تنظيم", "اعتداء", "المزعوم"],
                ..verdict(
                    &["إرهابي", "الإرهابي", "إرهابيون", "الإرهابيون", "إرهابيين", "الإرهابيين"],
                    "متهم بالإرهاب",
                    AR_ALLEGED,
                )
            },
            verdict(&["مجرم", "المجرم", "مجرمون", "المجرمون", "مجرمين", "المجرمين"], "متهم", AR_ALLEGED),
            verdict(&["محتال", "المحتال", "محتالون", "نصاب", "النصاب"], "متهم بالاحتيال", AR_ALLEGED),
            Term {
                not_after: &["غير", "ليس"], ..verdict(&["مذنب", "المذنب", "مذنبا", "مذنبًا"], "متهم", &[])
            },
            verdict(&["خائن", "الخائن", "خونة", "الخونة"], "متهم بالخيانة", AR_ALLEGED),
            Term {
                // States are recognised with the same word.
                not_near: &[
                    "بدولة",
                    "بالدولة",
                    "باستقلال",
                    "بحكومة",
                    "بالحكومة",
                    "بسيادة",
                    "بشرعية",
                    "بحق",
                    "بحقوق",
                    "رسميا",
                    "رسميًا",
                ],
                ..loaded(&["اعترف", "اعترفت", "اعترفوا"], GUILT, "قال")
            },
            loaded(&["فضح", "فضحت"], TRUTH, "ذكر"),
            Term {
                // A list, a statement of an account and the look of a physician are called so too.
                not_near: &["حساب", "حسابات", "الطبيب", "طبي", "الطبي", "التحليل", "الفحص", "الفحوص", "التشريح"],
                only_near: &["عن", "أن", "أنه", "أنها", "بأن"],
                ..loaded(&["كشف", "كشفت"], TRUTH, "ذكر")
            },
            loaded(&["زعم", "زعمت", "زعموا", "ادعى", "ادّعى", "ادعت", "ادّعت"], DOUBT, "قال"),
        ],
    },
    Language {
        code: "es",
        prefixes: &[""],
        denied_after: &[
            "no", "nunca", "jamás", "nadie", "ningún", "ninguno", "ninguna", "ni", "negó", "negaron", "niega",
            "niegan", "si",
        ],
        denied_before: &[],
        laws: &[],
        terms: &[
            verdict(
                &["asesino", "asesina", "asesinos", "asesinas", "homicida", "homicidas"],
                "acusado de asesinato",
                ES_ALLEGED,
            ),
            Term {
                not_after: &[
                    "atentado",
                    "atentados",
                    "ataque",
                    "ataques",
                    "grupo",
                    "grupos",
                    "organización",
                    "organizaciones",
                    "acto",
                    "actos",
                    "amenaza",
                    "banda",
                    "presunto",
                    "presunta",
                    "presuntos",
                    "presuntas",
                    "supuesto",
                    "supuesta",
                    "supuestos",
                    "supuestas",
                ],
                ..verdict(&["terrorista", "terroristas"], "sospechoso de terrorismo", &[])
            },
            verdict(&["estafador", "estafadora", "estafadores", "estafadoras"], "acusado de estafa", ES_ALLEGED),
            verdict(&["violador", "violadores"], "acusado de violación", ES_ALLEGED),
            verdict(&["ladrón", "ladrona", "ladrones"], "acusado de robo", ES_ALLEGED),
            verdict(&["traidor", "traidora", "traidores"], "acusado de traición", ES_ALLEGED),
            verdict(
                &["culpable", "culpables"],
                "acusado",
                &["no", "declaró", "declararon", "declararse", "declara", "declarado no", "presunto", "presunta", "o"],
            ),
            Term {
                only_before: &[
                    "que",
                    "haber",
                    "ser",
                    "tener",
                    "su culpa",
                    "su culpabilidad",
                    "su responsabilidad",
                    "su participación",
                    "la autoría",
                    "los hechos",
                    "el crimen",
                    "el asesinato",
                ],
                ..loaded(&["admitió", "admitieron", "admite", "admiten"], GUILT, "dijo")
            },
            loaded(&["confesó", "confesaron", "confiesa", "confiesan"], GUILT, "dijo"),
            Term {
                not_near: &[
                    "análisis",
                    "auditoría",
                    "autopsia",
                    "autopsias",
                    "datos",
                    "encuesta",
                    "estudio",
                    "examen",
                    "exámenes",
                    "inspección",
                    "necropsia",
                    "prueba",
                    "pruebas",
                    "radiografía",
                ],
                ..loaded(&["reveló", "revelaron", "desveló", "desvelaron", "destapó", "destaparon"], TRUTH, "dijo")
            },
        ],
    },
    Language {
        code: "fr",
        prefixes: &[""],
        denied_after: &[
            "ne", "n", "ni", "jamais", "personne", "aucun", "aucune", "nie", "nient", "niait", "nié", "dément",
            "démenti", "si",
        ],
        denied_before: &[],
        laws: &[],
        terms: &[
            Term {
                not_after: &["attentat", "incendie", "raid", "assaut", "conflit", "présumé", "prétendu"],
                not_before: FR_ALLEGED,
                ..verdict(&["meurtrier", "meurtriers"], "accusé de meurtre", &[])
            },
            Term {
                not_before: FR_ALLEGED, ..verdict(&["assassin", "assassins"], "accusé d’assassinat", FR_ALLEGED)
            },
            Term {
                not_before: FR_ALLEGED,
                not_after: &[
                    "attentat",
                    "attentats",
                    "attaque",
                    "attaques",
                    "groupe",
                    "groupes",
                    "organisation",
                    "organisations",
                    "acte",
                    "actes",
                    "menace",
                    "infraction",
                    "infractions",
                ],
                ..verdict(&["terroriste", "terroristes"], "soupçonné de terrorisme", &[])
            },
            Term { not_before: FR_ALLEGED, ..verdict(&["escroc", "escrocs"], "accusé d’escroquerie", FR_ALLEGED) },
            Term { not_before: FR_ALLEGED, ..verdict(&["violeur", "violeurs"], "accusé de viol", FR_ALLEGED) },
            Term { not_before: FR_ALLEGED, ..verdict(&["traître", "traîtres"], "accusé de trahison", FR_ALLEGED) },
            Term {
                not_before: FR_ALLEGED,
                ..verdict(&["coupable", "coupables"], "accusé", &["non", "plaidé", "plaider", "plaide", "pas", "ou"])
            },
            loaded(&["avoue", "avouent", "avoua", "avouait", "a avoué", "ont avoué"], GUILT, "a dit"),
            Term {
                only_before: &["que", "qu’", "qu'", "avoir", "être", "les faits"],
                ..loaded(&["admet", "admettent", "a admis", "ont admis"], GUILT, "a dit")
            },
            Term {
                not_near: &[
                    "analyse",
                    "analyses",
                    "audit",
                    "autopsie",
                    "autopsies",
                    "données",
                    "enquête",
                    "étude",
                    "examen",
                    "examens",
                    "inspection",
                    "radiographie",
                    "sondage",
                    "test",
                    "tests",
                ],
                ..loaded(
                    &["révèle", "révèlent", "révéla", "a révélé", "ont révélé", "dévoile", "a dévoilé", "ont dévoilé"],
                    TRUTH,
                    "a dit",
                )
            },
            loaded(&["prétend", "prétendent", "prétendait", "a prétendu", "ont prétendu"], DOUBT, "a dit"),
        ],
    },
];
