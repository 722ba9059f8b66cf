#include <algorithm>

#include "base/str.h"
#include "web/tensorboard/catalog.h"
#include "web/tensorboard/handlers.h"
#include "web/tensorboard/json_writer.h"
#include "web/tensorboard/markdown.h"

namespace spirogram::web::tensorboard {
namespace {

constexpr std::string_view kPlugin = "text";

// The first two-dimensional slice of a tensor of texts; of rank 1 a column.
struct Grid {
  size_t rows = 0;
  size_t columns = 1;
};

Grid GridOf(const store::Text& text) {
  const size_t rank = text.shape.size();
  Grid grid;
  grid.rows = static_cast<size_t>(text.shape[rank < 2 ? 0 : rank - 2]);
  if (rank > 1) grid.columns = static_cast<size_t>(text.shape[rank - 1]);
  // Whatever a shape claims, a row is no longer than all there is.
  grid.columns = std::min(grid.columns, text.values.size());
  if (grid.columns == 0) grid.rows = 0;
  return grid;
}

std::string CellHtml(const store::Text& text, size_t i, bool is_markdown) {
  if (i >= text.values.size()) return {};
  return is_markdown ? MarkdownToSafeHtml(text.values[i]) : EscapeHtml(text.values[i]);
}

std::string TableHtml(const store::Text& text, bool is_markdown) {
  const Grid grid = GridOf(text);
  std::string html = "<table>\n<tbody>\n";
  // The store bounds the values; a shape that claims more rows than there are values ends early.
  for (size_t row = 0; row < grid.rows && row * grid.columns < text.values.size(); ++row) {
    html.append("<tr>\n");
    for (size_t column = 0; column < grid.columns; ++column) {
      const size_t i = row * grid.columns + column;
      html.append("<td>").append(CellHtml(text, i, is_markdown)).append("</td>\n");
    }
    html.append("</tr>\n");
  }
  return html.append("</tbody>\n</table>");
}

std::string TextHtml(const store::Text& text, bool is_markdown) {
  if (text.shape.empty()) return CellHtml(text, 0, is_markdown);
  if (text.shape.size() <= 2) return TableHtml(text, is_markdown);
  return MarkdownToSafeHtml(StrCat("**Warning:** This text summary contained data of "
                                   "dimensionality ",
                                   text.shape.size(),
                                   ", but only   2d tables are supported. Showing a 2d slice of "
                                   "the data instead.")) +
         TableHtml(text, is_markdown);
}

}  // namespace

Result<Response> HandleTextTags(const Call& call) {
  ASSIGN_OR_RETURN(const SeriesByRun series, ReadSeriesOfPlugin(call.store(), kPlugin));
  JsonWriter json;
  json.BeginObject();
  for (const auto& [run, tags] : series) {
    json.Key(run);
    json.BeginArray();
    for (const store::Tag& tag : tags) json.String(tag.name);
    json.EndArray();
  }
  json.EndObject();
  return JsonResponse(json.Finish());
}

Result<Response> HandleText(const Call& call) {
  const std::string* markdown = call.query.Find("markdown");
  const bool is_markdown = markdown == nullptr || *markdown != "false";
  ASSIGN_OR_RETURN(const auto series, FindSeries(call.store(), call.query.Find("run"),
                                                 call.query.Find("tag"), kPlugin));
  if (!series) return JsonResponse("[]");
  ASSIGN_OR_RETURN(const auto infos, call.store().ListTexts(series->run, series->name));
  size_t bytes = 0;
  for (const store::ValueInfo& info : infos) bytes += info.bytes;
  RETURN_IF_ERROR(CheckAnswerSize(bytes));  // before they are in memory
  ASSIGN_OR_RETURN(const auto texts, call.store().ReadTexts(series->run, series->name));
  JsonWriter json;
  json.BeginArray();
  for (const store::Text& text : texts) {
    json.BeginObject();
    json.Field("wall_time", text.wall_time);
    json.Field("step", text.step);
    json.Field("text", TextHtml(text, is_markdown));
    json.EndObject();
    RETURN_IF_ERROR(CheckAnswerSize(json.size()));
  }
  json.EndArray();
  return JsonResponse(json.Finish());
}

}  // namespace spirogram::web::tensorboard
