#include "transfer/row_reader.h"

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <system_error>
#include <utility>

#include "transfer/byte_source.h"
#include "transfer/csv_reader.h"
#include "transfer/json_lines_reader.h"

namespace spirogram::transfer {
namespace {

std::string_view WithoutSpace(std::string_view text) {
  constexpr std::string_view kSpace = " \t";
  const size_t first = text.find_first_not_of(kSpace);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kSpace) - first + 1);
}

}  // namespace

Result<std::unique_ptr<RowReader>> RowReader::Open(const std::string& path) {
  ASSIGN_OR_RETURN(ByteSource source, ByteSource::Open(path));
  ASSIGN_OR_RETURN(const bool is_empty, source.IsAtEnd());
  const bool is_json = !is_empty && (source.Peek() == '{' || source.Peek() == '[');
  if (is_json) return OpenJsonLines(std::move(source));
  const bool is_tsv = std::filesystem::path(path).extension() == ".tsv";
  char separator = '\t';
  if (!is_tsv) {
    ASSIGN_OR_RETURN(separator, FindSeparator(path));
  }
  return OpenCsv(std::move(source), {.separator = separator});
}

bool IsWordForNothing(std::string_view text) {
  std::string word(WithoutSpace(text));
  std::transform(word.begin(), word.end(), word.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return word == "na" || word == "n/a" || word == "null" || word == "none";
}

bool ParseCellNumber(std::string_view text, double* number) {
  text = WithoutSpace(text);
  if (text.empty()) return false;
  if (text.size() > 1 && text[0] == '+' && text[1] != '-') text.remove_prefix(1);
  const auto end = std::from_chars(text.data(), text.data() + text.size(), *number);
  if (end.ptr != text.data() + text.size()) return false;
  if (end.ec == std::errc::result_out_of_range) {
    *number = std::strtod(std::string(text).c_str(), nullptr);  // 0 or infinite, as everywhere
    return true;
  }
  return end.ec == std::errc();
}

}  // namespace spirogram::transfer
