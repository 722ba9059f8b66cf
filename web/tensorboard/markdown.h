// Markdown as HTML that is safe to put into a page. TensorBoard renders descriptions and texts with
// a full Markdown parser and filters the HTML behind it; here every '<', '>' and '&' of the text is
// escaped first, so that no markup but what this file writes can leave it, and the commoner part of
// Markdown is rendered: paragraphs, headings, lists within lists, block quotes, code, tables,
// rules, emphasis and links to http, https and mailto. What it does not know stays as text. Raw
// HTML shows as text and images are links: both are what a logged text would attack a reader with.
//
// Pure functions; linear in the text.
#pragma once

#include <string>
#include <string_view>

namespace spirogram::web::tensorboard {

// NUL, which HTML has no character for, is left out.
std::string EscapeHtml(std::string_view text);

// "" for "".
std::string MarkdownToSafeHtml(std::string_view text);

// The inline part alone: emphasis, code and links of one paragraph.
std::string InlineMarkdown(std::string_view text);

}  // namespace spirogram::web::tensorboard
