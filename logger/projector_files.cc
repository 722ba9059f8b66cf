#include "logger/projector_files.h"

#include <algorithm>
#include <filesystem>
#include <system_error>
#include <utility>

#include "base/crc32c.h"
#include "base/file.h"
#include "base/str.h"

namespace spirogram::logger {
namespace {

constexpr std::string_view kFolder = "projector";
constexpr std::string_view kConfig = "projector_config.pbtxt";

bool IsNameChar(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '_';
}

std::string_view AsBytes(std::span<const float> values) {
  return {reinterpret_cast<const char*>(values.data()), values.size_bytes()};
}

bool IsValidUtf8(std::string_view bytes) {
  // Nearly every tensor shows in its first bytes that it is no text. A character cut by the end of
  // the prefix turns at most its last three bytes into something else.
  const std::string_view prefix = bytes.substr(0, 1024);
  const std::string_view whole_characters =
      prefix.substr(0, std::max<size_t>(prefix.size(), 3) - 3);
  if (!ToValidUtf8(prefix).starts_with(whole_characters)) return false;
  return ToValidUtf8(bytes) == bytes;
}

std::string TensorTsv(const EmbeddingItem& embedding) {
  std::string out;
  const auto dims = static_cast<size_t>(embedding.dims);
  for (size_t i = 0; i < embedding.values.size(); ++i) {
    internal::AppendTo(&out, embedding.values[i]);
    out.push_back((i + 1) % dims == 0 ? '\n' : '\t');
  }
  return out;
}

void AppendCell(std::string_view cell, std::string* out) {
  for (const char c : ToValidUtf8(cell)) {
    out->push_back(static_cast<unsigned char>(c) < 0x20 || c == 0x7f ? ' ' : c);
  }
}

// A string of protobuf's text format.
std::string Quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : ToValidUtf8(text)) {
    if (c == '"' || c == '\\') {
      out += {'\\', c};
    } else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
      const auto octal = [c](int shift) { return static_cast<char>('0' + ((c >> shift) & 7)); };
      out += {'\\', octal(6), octal(3), octal(0)};
    } else {
      out.push_back(c);
    }
  }
  out.push_back('"');
  return out;
}

}  // namespace

std::string ProjectorFileName(std::string_view tag) {
  constexpr size_t kReadableMax = 80;
  std::string name(tag.substr(0, kReadableMax));
  std::replace_if(
      name.begin(), name.end(), [](char c) { return !IsNameChar(c); }, '_');
  if (name.find("tfevents") != std::string::npos) name = "tag";
  if (name != tag) name = StrCat(name, "-", Hex32(Crc32c(tag)).substr(2));
  return name;
}

std::string MetadataTsv(const EmbeddingMetadata& metadata) {
  std::string out;
  const size_t columns = metadata.columns.size();
  const auto end_cell = [&](size_t column) { out.push_back(column + 1 < columns ? '\t' : '\n'); };
  if (columns > 1) {
    for (size_t column = 0; column < columns; ++column) {
      AppendCell(metadata.columns[column], &out);
      end_cell(column);
    }
  }
  const size_t rows = columns > 0 ? metadata.values[0].size() : 0;
  for (size_t row = 0; row < rows; ++row) {
    for (size_t column = 0; column < columns; ++column) {
      const size_t cell_begin = out.size();
      AppendCell(metadata.values[column][row], &out);
      const bool is_blank = out.find_first_not_of(' ', cell_begin) == std::string::npos;
      if (columns == 1 && is_blank) {
        out.resize(cell_begin);
        out.push_back('-');
      }
      end_cell(column);
    }
  }
  return out;
}

Status ProjectorFiles::Write(std::string_view tag, const EmbeddingItem& embedding) {
  RETURN_IF_ERROR(MakeFolders(PathOf(kFolder)));
  const std::string name = StrCat(kFolder, "/", ProjectorFileName(tag));
  Entry& entry = entries_[std::string(tag)];
  if (embedding.metadata != nullptr && !embedding.metadata->columns.empty()) {
    const std::string metadata_path = name + ".metadata.tsv";
    RETURN_IF_ERROR(WriteFileAtomically(PathOf(metadata_path), MetadataTsv(*embedding.metadata)));
    entry.metadata_path = metadata_path;
  }
  const bool is_text = IsValidUtf8(AsBytes(embedding.values));
  const std::string tensor_path = name + (is_text ? ".tsv" : ".bytes");
  RETURN_IF_ERROR(is_text ? WriteFileAtomically(PathOf(tensor_path), TensorTsv(embedding))
                          : WriteFileAtomically(PathOf(tensor_path), AsBytes(embedding.values)));
  entry.tensor_path = tensor_path;
  entry.rows = embedding.rows;
  entry.dims = embedding.dims;
  return WriteConfig();
}

std::string ProjectorFiles::PathOf(std::string_view file) const {
  return StrCat(run_dir_, "/", file);
}

bool ProjectorFiles::IsThere(const std::string& file) const {
  std::error_code error;
  return !file.empty() && std::filesystem::exists(PathOf(file), error);
}

// Where somebody has cleared the folder of a run that goes on, each embedding is named again once
// it is logged again.
Status ProjectorFiles::WriteConfig() {
  std::string config;
  for (const auto& [tag, entry] : entries_) {
    if (!IsThere(entry.tensor_path)) continue;
    config += StrCat("embeddings {\n  tensor_name: ", Quoted(tag), "\n  tensor_shape: ", entry.rows,
                     "\n  tensor_shape: ", entry.dims,
                     "\n  tensor_path: ", Quoted(entry.tensor_path), "\n");
    if (IsThere(entry.metadata_path)) {
      config += StrCat("  metadata_path: ", Quoted(entry.metadata_path), "\n");
    }
    config += "}\n";
  }
  if (config == config_ && IsThere(std::string(kConfig))) return {};
  RETURN_IF_ERROR(WriteFileAtomically(PathOf(kConfig), config));
  config_ = std::move(config);
  return {};
}

}  // namespace spirogram::logger
