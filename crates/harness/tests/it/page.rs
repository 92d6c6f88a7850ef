//! The page in a browser, where there is one: headless Chromium.

use std::path::Path;
use std::process::Command;

use harness::report;

use crate::report_study::made;

/// Presses heads of tables, chooses from the filters, and writes down what is seen.
const PROBE: &str = r##"<script>
const said = {};
const columns = (selector, column) => Array.from(document.querySelectorAll(selector))
  .filter((row) => !row.hidden).map((row) => row.cells[column].textContent.trim());
const heads = document.querySelectorAll("#all th");
const press = (column) => heads[column].querySelector("button").click();
said.before = columns("#all tbody tr", 2).length;
press(4);
said.rising = columns("#all tbody tr", 4);
said.sort = heads[4].getAttribute("aria-sort");
press(4);
said.falling = columns("#all tbody tr", 4);
press(2);
said.models = columns("#all tbody tr", 2);
const form = document.querySelector("form.filters");
form.querySelector("[name=subset]").value = "low_WSe2";
form.querySelector("[name=subset]").dispatchEvent(new Event("change"));
form.querySelector("[name=model]").value = "symbolic";
form.querySelector("[name=model]").dispatchEvent(new Event("change"));
said.chosen = columns("#all tbody tr", 1).concat(columns("#all tbody tr", 2));
said.output = form.querySelector("output").textContent;
said.overflow = document.documentElement.scrollWidth - document.documentElement.clientWidth;
said.unnamed = Array.from(document.querySelectorAll("svg, select, .scroll"))
  .filter((item) => !item.getAttribute("aria-label") && !item.closest("label")).length;
document.body.innerHTML = "<pre id=said></pre>";
document.getElementById("said").textContent = JSON.stringify(said);
</script></body>"##;

/// What the probe writes down in a window of this size; nothing where no browser starts.
fn probe(page: &Path, width: u32, height: u32) -> Option<serde_json::Value> {
    let profile = tempfile::tempdir().unwrap();
    let dom = ["chromium", "chromium-browser", "google-chrome"]
        .iter()
        .find_map(|browser| {
            let output = Command::new("timeout")
                .args(["60", browser, "--headless", "--no-sandbox", "--disable-gpu"])
                .args(["--disable-dev-shm-usage", "--dump-dom"])
                .arg("--virtual-time-budget=5000")
                .arg(format!("--window-size={width},{height}"))
                .arg(format!("--user-data-dir={}", profile.path().display()))
                .arg(format!("file://{}", page.display()))
                .output()
                .ok()?;
            let dom = String::from_utf8_lossy(&output.stdout).into_owned();
            (!dom.is_empty()).then_some(dom)
        });
    let Some(dom) = dom else {
        eprintln!("skipped: no chromium that starts");
        return None;
    };
    let start = dom.find("<pre id=\"said\">").expect(&dom) + 15;
    let text = &dom[start..start + dom[start..].find("</pre>").unwrap()];
    Some(serde_json::from_str(&text.replace("&lt;", "<").replace("&amp;", "&")).unwrap())
}

fn words(value: &serde_json::Value) -> Vec<String> {
    let words = value.as_array().unwrap().iter();
    words
        .map(|word| word.as_str().unwrap().to_owned())
        .collect()
}

#[test]
fn tables_are_sorted_and_filtered_on_desktop_and_phone() {
    let made = made(&["low_MoS2", "low_WSe2"], 3, 40);
    let folder = tempfile::tempdir().unwrap();
    report::write(folder.path(), &made.results, &made.dataset, &made.study).unwrap();
    let page = folder.path().join("index.html");
    let text = std::fs::read_to_string(&page).unwrap();
    std::fs::write(&page, text.replace("</body>", PROBE)).unwrap();
    for (width, height) in [(1280, 900), (390, 844)] {
        let Some(said) = probe(&page, width, height) else {
            return;
        };
        let values = |key: &str| -> Vec<f64> {
            let cells = words(&said[key]);
            let first = cells
                .iter()
                .map(|cell| cell.split(' ').next().unwrap().to_owned());
            first.filter_map(|word| word.parse().ok()).collect()
        };
        let rising = values("rising");
        assert!(rising.len() > 10 && rising.is_sorted(), "{rising:?}");
        assert_eq!(said["sort"], "ascending");
        let falling = values("falling");
        assert!(falling.iter().rev().is_sorted(), "{falling:?}");
        // a row without a score is last, however the others stand
        assert_eq!(words(&said["rising"]).last().unwrap(), "–");
        assert_eq!(words(&said["falling"]).last().unwrap(), "–");
        assert!(words(&said["models"]).is_sorted());
        let chosen = words(&said["chosen"]);
        assert!(!chosen.is_empty());
        assert!(
            chosen
                .iter()
                .all(|word| word == "low_WSe2" || word == "symbolic"),
            "{chosen:?}"
        );
        let expected = format!("{} of {} rows", chosen.len() / 2, said["before"]);
        assert_eq!(said["output"], expected.as_str());
        assert_eq!(
            said["overflow"], 0,
            "the page is wider than a window of {width}"
        );
        assert_eq!(said["unnamed"], 0, "for readers of screens");
    }
}
