//! `sitemap.xml` and `robots.txt`, for a site whose address is known.

use super::Renderer;
use crate::plan::{Route, SITEMAP_LIMIT};
use crate::text::escape_html;

impl Renderer {
    /// The pages that search engines may list, as the sitemaps.org protocol 0.9 asks: one list, or, where that would be
    /// too long, a list of lists.
    pub(super) fn sitemap(&self, part: usize) -> String {
        let parts = self.site.plan.routes.values().filter(|route| matches!(route, Route::Sitemap(1..))).count();
        let base = escape_html(&self.site.dossier.settings.base_url().unwrap_or_default());
        let mut xml = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
        if part == 0 && parts > 0 {
            xml.push_str("<sitemapindex xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\">\n");
            for part in 1..=parts {
                xml.push_str(&format!("<sitemap><loc>{base}sitemap-{part}.xml</loc></sitemap>\n"));
            }
            xml.push_str("</sitemapindex>\n");
            return xml;
        }
        xml.push_str("<urlset xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\">\n");
        let is_page = |(_, route): &(&String, &Route)| route.is_page() && !matches!(route, Route::Gone(_));
        let pages = self.site.plan.routes.iter().filter(is_page);
        let first = part.saturating_sub(1) * SITEMAP_LIMIT;
        for (path, _) in pages.skip(first).take(SITEMAP_LIMIT).filter(|(_, route)| self.is_listed(route)) {
            let path = if path == "index.html" { "" } else { path };
            xml.push_str(&format!("<url><loc>{base}{}</loc></url>\n", escape_html(path)));
        }
        xml.push_str("</urlset>\n");
        xml
    }

    fn is_listed(&self, route: &Route) -> bool {
        match route {
            Route::Record(number) => self.site.record(*number).listed,
            Route::NotFound | Route::Redirect(_) | Route::Tombstone(..) | Route::Gone(_) => false,
            other => other.is_page(),
        }
    }

    pub(super) fn robots(&self) -> String {
        let base = self.site.dossier.settings.base_url().unwrap_or_default();
        format!("User-agent: *\nAllow: /\n\nSitemap: {base}sitemap.xml\n")
    }
}
