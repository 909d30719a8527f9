// Pictures: none is shrunk until its words cannot be read, and each opens alone, in its full size,
// when one clicks on it.
const LEGIBLE = 0.65;

document.addEventListener("DOMContentLoaded", () => {
  for (const picture of document.querySelectorAll("article img")) {
    if (picture.closest("a")) continue;
    if (picture.closest(".cell_output") || (picture.src.endsWith(".svg") && !picture.closest("td"))) {
      const fit = () => {
        picture.style.maxWidth = `max(100%, ${LEGIBLE * picture.naturalWidth}px)`;
      };
      if (picture.complete) fit();
      else picture.addEventListener("load", fit);
    }
    const link = document.createElement("a");
    link.className = "alone";
    link.href = picture.src;
    link.title = "Open the picture alone";
    picture.replaceWith(link);
    link.append(picture);
  }
});
