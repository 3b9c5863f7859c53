// The colours that were chosen, before the first line is painted.
{
  let chosen = "";
  try { chosen = localStorage.getItem("theme") || ""; } catch { /* no storage: as the system has it */ }
  if (chosen === "light" || chosen === "dark") document.documentElement.dataset.theme = chosen;
}
