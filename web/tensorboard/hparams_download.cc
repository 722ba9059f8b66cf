#include "web/tensorboard/hparams_download.h"

#include <cmath>
#include <cstdio>

#include "base/str.h"
#include "web/tensorboard/json_writer.h"
#include "web/tensorboard/python_text.h"

namespace spirogram::web::tensorboard {
namespace {

DownloadCell HparamCell(const SessionGroup& group, const std::string& name) {
  for (const auto& [hparam, value] : group.hparams) {
    if (hparam != name) continue;
    if (value.type == store::HparamValue::Type::kNumber) return value.number;
    if (value.type == store::HparamValue::Type::kBool) return value.boolean;
    return value.text;
  }
  return std::string();
}

DownloadCell MetricCell(const SessionGroup& group, const store::MetricInfo& info) {
  for (const MetricValue& metric : group.metrics) {
    if (metric.name == MetricName{info.group, info.tag}) return metric.value;
  }
  return {};
}

template <typename T>
std::vector<T> Visible(std::vector<T> cells, const std::vector<bool>& visibility) {
  std::vector<T> visible;
  for (size_t i = 0; i < cells.size() && i < visibility.size(); ++i) {
    if (visibility[i]) visible.push_back(std::move(cells[i]));
  }
  return visible;
}

std::string CsvCell(const DownloadCell& cell) {
  if (const auto* boolean = std::get_if<bool>(&cell)) return *boolean ? "True" : "False";
  if (const auto* number = std::get_if<double>(&cell)) return PythonFloat(*number);
  if (const auto* text = std::get_if<std::string>(&cell)) return CsvField(*text);
  return {};
}

std::string LatexText(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '_' || c == '%') out.push_back('\\');
    out.push_back(c);
  }
  return out;
}

std::string LatexNumber(double value) {
  if (std::isnan(value)) return "$\\mathrm{NaN}$";
  if (std::isinf(value)) return value < 0 ? "$-\\infty$" : "$+\\infty$";
  char text[32];
  std::snprintf(text, sizeof text, "%.3g", value);
  const std::string_view view(text);
  const size_t mark = view.find('e');
  if (mark == std::string_view::npos) return StrCat("$", view, "$");
  std::string_view exponent = view.substr(mark + 1);
  if (exponent.front() == '+') exponent.remove_prefix(1);
  return StrCat("$", view.substr(0, mark), "\\cdot 10^{", ParseNumber<int>(exponent).value_or(0),
                "}$");
}

std::string LatexCell(const DownloadCell& cell) {
  if (const auto* boolean = std::get_if<bool>(&cell)) return *boolean ? "$1$" : "$0$";
  if (const auto* number = std::get_if<double>(&cell)) return LatexNumber(*number);
  if (const auto* text = std::get_if<std::string>(&cell)) return LatexText(*text);
  return "-";
}

template <typename Range, typename Function>
std::string Join(const Range& range, std::string_view separator, const Function& text) {
  std::string out;
  bool is_first = true;
  for (const auto& item : range) {
    if (!is_first) out.append(separator);
    is_first = false;
    out.append(text(item));
  }
  return out;
}

// csv.writer marks a row of one empty field, which would else be a blank line.
std::string CsvLine(std::string fields, size_t count) {
  if (count == 1 && fields.empty()) fields = "\"\"";
  return fields.append("\r\n");
}

void WriteCell(const DownloadCell& cell, JsonWriter* json) {
  if (const auto* boolean = std::get_if<bool>(&cell)) return json->Bool(*boolean);
  if (const auto* number = std::get_if<double>(&cell)) return json->Float(*number);
  if (const auto* text = std::get_if<std::string>(&cell)) return json->String(*text);
  json->Null();
}

}  // namespace

DownloadTable MakeDownload(const HparamsColumns& columns, std::span<const SessionGroup> groups,
                           const std::vector<bool>& visibility) {
  std::vector<std::string> header;
  for (const auto& info : columns.hparams) {
    header.push_back(info.display_name.empty() ? info.name : info.display_name);
  }
  for (const auto& info : columns.metrics) {
    header.push_back(info.display_name.empty() ? info.tag : info.display_name);
  }
  DownloadTable table{.header = Visible(std::move(header), visibility), .rows = {}};
  for (const SessionGroup& group : groups) {
    std::vector<DownloadCell> row;
    for (const auto& info : columns.hparams) row.push_back(HparamCell(group, info.name));
    for (const auto& info : columns.metrics) row.push_back(MetricCell(group, info));
    table.rows.push_back(Visible(std::move(row), visibility));
  }
  return table;
}

std::string DownloadJson(const DownloadTable& table) {
  JsonWriter json;
  json.BeginObject();
  json.Key("header");
  json.BeginArray();
  for (const std::string& name : table.header) json.String(name);
  json.EndArray();
  json.Key("rows");
  json.BeginArray();
  for (const auto& row : table.rows) {
    json.BeginArray();
    for (const DownloadCell& cell : row) WriteCell(cell, &json);
    json.EndArray();
  }
  json.EndArray();
  json.EndObject();
  return json.Finish();
}

std::string DownloadCsv(const DownloadTable& table) {
  std::string csv = CsvLine(Join(table.header, ",", CsvField), table.header.size());
  for (const auto& row : table.rows) csv.append(CsvLine(Join(row, ",", CsvCell), row.size()));
  return csv;
}

std::string DownloadLatex(const DownloadTable& table) {
  std::string latex =
      StrCat("\\begin{table}[tbp]\n\\begin{tabular}{", std::string(table.header.size(), 'l'), "}\n",
             Join(table.header, " & ", LatexText), " \\\\ \\hline\n");
  for (const auto& row : table.rows) {
    latex.append(Join(row, " & ", LatexCell)).append(" \\\\\n");
  }
  return latex.append("\\hline\n\\end{tabular}\n\\end{table}\n");
}

}  // namespace spirogram::web::tensorboard
