//! The words around a date, for the languages of the default theme. Names of months and days are not here: CLDR has
//! them.

/// How a date behaves in a sentence: many languages use another article or preposition before each kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Day,
    /// A month or a year.
    Month,
    /// A decade, a century, and in some languages a season: a noun that takes an article.
    Noun,
    /// What already has a preposition of its own: "about 2025".
    Phrase,
}

/// Patterns in one language. `{}` stands for a date, in order of appearance.
pub(super) struct Words {
    pub(super) about: ByKind,
    pub(super) uncertain: &'static str,
    pub(super) between: ByKind,
    pub(super) until: ByKind,
    pub(super) from: ByKind,
    pub(super) end_unknown: &'static str,
    pub(super) start_unknown: &'static str,
    pub(super) or_earlier: &'static str,
    pub(super) or_later: &'static str,
    pub(super) comma: &'static str,
    pub(super) or: &'static str,
    pub(super) and: &'static str,
    pub(super) unknown: &'static str,
    /// Spring, summer, autumn, winter; `{}` is the year.
    pub(super) seasons: [&'static str; 4],
    pub(super) season_kind: Kind,
    /// First to fourth; `{}` is the year.
    pub(super) quarters: [&'static str; 4],
    /// Takes the first year of the decade.
    pub(super) decade: Numbered,
    /// Takes the number of the century.
    pub(super) century: Numbered,
}

/// One pattern for each [`Kind`].
pub(super) struct ByKind {
    day: &'static str,
    month: &'static str,
    noun: &'static str,
    phrase: &'static str,
}

impl ByKind {
    const fn all(pattern: &'static str) -> Self {
        Self { day: pattern, month: pattern, noun: pattern, phrase: pattern }
    }

    pub(super) fn get(&self, kind: Kind) -> &'static str {
        match kind {
            Kind::Day => self.day,
            Kind::Month => self.month,
            Kind::Noun => self.noun,
            Kind::Phrase => self.phrase,
        }
    }
}

/// Words that depend on a number: a pattern for its digits, and how a number goes into it.
pub(super) type Numbered = fn(u16) -> (&'static str, Number);

/// What is put into a pattern.
pub(super) enum Number {
    /// In the digits of the language.
    Digits(u16),
    Roman(u16),
}

/// The words of a language, or the English ones.
pub(super) fn words(language: &str) -> &'static Words {
    match language {
        "ar" => &ARABIC,
        "es" => &SPANISH,
        "fr" => &FRENCH,
        "hi" => &HINDI,
        _ => &ENGLISH,
    }
}

static ENGLISH: Words = Words {
    about: ByKind { day: "about {}", month: "about {}", noun: "about the {}", phrase: "about {}" },
    uncertain: "{} (uncertain)",
    between: ByKind::all("between {} and {}"),
    until: ByKind { day: "until {}", month: "until {}", noun: "until the {}", phrase: "until {}" },
    from: ByKind { day: "from {}", month: "from {}", noun: "from the {}", phrase: "from {}" },
    end_unknown: "{} (end unknown)",
    start_unknown: "{} (start unknown)",
    or_earlier: "{} or earlier",
    or_later: "{} or later",
    comma: ", ",
    or: " or ",
    and: " and ",
    unknown: "date unknown",
    seasons: ["spring {}", "summer {}", "autumn {}", "winter {}"],
    season_kind: Kind::Month,
    quarters: ["first quarter of {}", "second quarter of {}", "third quarter of {}", "fourth quarter of {}"],
    decade: |first_year| ("{}s", Number::Digits(first_year)),
    century: |number| {
        let pattern = match (number % 10, number % 100) {
            (_, 11..=13) => "{}th century",
            (1, _) => "{}st century",
            (2, _) => "{}nd century",
            (3, _) => "{}rd century",
            _ => "{}th century",
        };
        (pattern, Number::Digits(number))
    },
};

static FRENCH: Words = Words {
    about: ByKind { day: "vers le {}", month: "vers {}", noun: "{} (environ)", phrase: "{} (environ)" },
    uncertain: "{} (date incertaine)",
    between: ByKind {
        day: "entre le {} et le {}",
        month: "entre {} et {}",
        noun: "entre {} et {}",
        phrase: "entre {} et {}",
    },
    until: ByKind { day: "jusqu’au {}", month: "jusqu’en {}", noun: "jusqu’à : {}", phrase: "jusqu’à : {}" },
    from: ByKind {
        day: "à partir du {}",
        month: "à partir de {}",
        noun: "à partir de : {}",
        phrase: "à partir de : {}",
    },
    end_unknown: "{} (fin inconnue)",
    start_unknown: "{} (début inconnu)",
    or_earlier: "{} ou avant",
    or_later: "{} ou après",
    comma: ", ",
    or: " ou ",
    and: " et ",
    unknown: "date inconnue",
    seasons: ["printemps {}", "été {}", "automne {}", "hiver {}"],
    season_kind: Kind::Noun,
    quarters: ["1er trimestre {}", "2e trimestre {}", "3e trimestre {}", "4e trimestre {}"],
    decade: |first_year| ("années {}", Number::Digits(first_year)),
    century: |number| (if number == 1 { "{}er siècle" } else { "{}e siècle" }, Number::Roman(number)),
};

static SPANISH: Words = Words {
    about: ByKind {
        day: "hacia el {}",
        month: "hacia {}",
        noun: "{} (aproximadamente)",
        phrase: "{} (aproximadamente)",
    },
    uncertain: "{} (fecha incierta)",
    between: ByKind {
        day: "entre el {} y el {}",
        month: "entre {} y {}",
        noun: "entre {} y {}",
        phrase: "entre {} y {}",
    },
    until: ByKind { day: "hasta el {}", month: "hasta {}", noun: "hasta: {}", phrase: "hasta: {}" },
    from: ByKind { day: "desde el {}", month: "desde {}", noun: "desde: {}", phrase: "desde: {}" },
    end_unknown: "{} (final desconocido)",
    start_unknown: "{} (inicio desconocido)",
    or_earlier: "{} o antes",
    or_later: "{} o después",
    comma: ", ",
    or: " o ",
    and: " y ",
    unknown: "fecha desconocida",
    seasons: ["primavera de {}", "verano de {}", "otoño de {}", "invierno de {}"],
    season_kind: Kind::Month,
    quarters: ["primer trimestre de {}", "segundo trimestre de {}", "tercer trimestre de {}", "cuarto trimestre de {}"],
    decade: |first_year| ("década de {}", Number::Digits(first_year)),
    century: |number| ("siglo {}", Number::Roman(number)),
};

static HINDI: Words = Words {
    about: ByKind::all("लगभग {}"),
    uncertain: "{} (अनिश्चित)",
    between: ByKind::all("{} और {} के बीच"),
    until: ByKind { day: "{} तक", month: "{} तक", noun: "{} (तक)", phrase: "{} (तक)" },
    from: ByKind { day: "{} से", month: "{} से", noun: "{} (से)", phrase: "{} (से)" },
    end_unknown: "{} (अंत अज्ञात)",
    start_unknown: "{} (आरंभ अज्ञात)",
    or_earlier: "{} या उससे पहले",
    or_later: "{} या उसके बाद",
    comma: ", ",
    or: " या ",
    and: " और ",
    unknown: "तिथि अज्ञात",
    seasons: ["वसंत {}", "ग्रीष्म {}", "शरद {}", "शीत ऋतु {}"],
    season_kind: Kind::Month,
    quarters: ["{} की पहली तिमाही", "{} की दूसरी तिमाही", "{} की तीसरी तिमाही", "{} की चौथी तिमाही"],
    decade: |first_year| ("{} का दशक", Number::Digits(first_year)),
    century: |number| {
        let pattern = match number {
            1 => "{}ली शताब्दी",
            2 | 3 => "{}री शताब्दी",
            4 => "{}थी शताब्दी",
            6 => "{}ठी शताब्दी",
            _ => "{}वीं शताब्दी",
        };
        (pattern, Number::Digits(number))
    },
};

static ARABIC: Words = Words {
    about: ByKind::all("نحو {}"),
    uncertain: "{} (غير مؤكد)",
    between: ByKind::all("بين {} و{}"),
    until: ByKind::all("حتى {}"),
    from: ByKind::all("ابتداءً من {}"),
    end_unknown: "{} (النهاية غير معروفة)",
    start_unknown: "{} (البداية غير معروفة)",
    or_earlier: "{} أو قبل ذلك",
    or_later: "{} أو بعد ذلك",
    comma: "، ",
    or: " أو ",
    and: " و",
    unknown: "تاريخ غير معروف",
    seasons: ["ربيع {}", "صيف {}", "خريف {}", "شتاء {}"],
    season_kind: Kind::Month,
    quarters: ["الربع الأول من {}", "الربع الثاني من {}", "الربع الثالث من {}", "الربع الرابع من {}"],
    decade: |first_year| {
        let pattern = match first_year % 100 / 10 {
            0 => "العقد الأول من القرن {}",
            1 => "العقد الثاني من القرن {}",
            2 => "عشرينيات القرن {}",
            3 => "ثلاثينيات القرن {}",
            4 => "أربعينيات القرن {}",
            5 => "خمسينيات القرن {}",
            6 => "ستينيات القرن {}",
            7 => "سبعينيات القرن {}",
            8 => "ثمانينيات القرن {}",
            _ => "تسعينيات القرن {}",
        };
        (pattern, Number::Digits(first_year / 100 + 1))
    },
    century: |number| ("القرن {}", Number::Digits(number)),
};
