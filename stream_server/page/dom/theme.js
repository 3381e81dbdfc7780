/** Light, dark, or as the system has it. */

const STORED = "stream-server.theme";
const THEMES = ["system", "light", "dark"];

/** Have a select choose the theme, and keep the choice. */
export function choose(select) {
  const stored = localStorage.getItem(STORED);
  select.value = THEMES.includes(stored) ? stored : "system";
  apply(select.value);
  select.addEventListener("change", () => {
    localStorage.setItem(STORED, select.value);
    apply(select.value);
  });
}

function apply(theme) {
  document.documentElement.dataset.theme = theme;
}
