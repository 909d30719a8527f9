// A picture opens alone, in its full size, when one clicks on it.
document.addEventListener("DOMContentLoaded", () => {
  for (const picture of document.querySelectorAll("article img")) {
    if (picture.closest("a")) continue;
    const link = document.createElement("a");
    link.href = picture.src;
    link.title = "Open the picture alone";
    picture.replaceWith(link);
    link.append(picture);
  }
});
