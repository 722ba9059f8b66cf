#include "store/ingest_names.h"

#include <algorithm>
#include <vector>

#include "base/str.h"

namespace spirogram::store {
namespace {

constexpr size_t kFolderPartBytes = 200;
constexpr std::string_view kRecordsPrefix = "records.tfevents.";
constexpr std::string_view kScalarsPrefix = "scalars.tfevents.";
constexpr std::string_view kHexDigits = "0123456789ABCDEF";

bool IsLetterOrDigit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool IsControl(char c) {
  return static_cast<unsigned char>(c) < 0x20 || c == 0x7F;
}

// U+0080 to U+009F, in UTF-8.
bool HasC1Control(std::string_view text) {
  for (size_t i = 0; i + 1 < text.size(); ++i) {
    if (text[i] == '\xC2' && static_cast<unsigned char>(text[i + 1]) < 0xA0) return true;
  }
  return false;
}

std::optional<std::string> PercentDecode(std::string_view text) {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out.push_back(text[i]);
      continue;
    }
    if (text.size() - i < 3) return std::nullopt;
    const size_t high = kHexDigits.find(text[i + 1]);
    const size_t low = kHexDigits.find(text[i + 2]);
    if (high == std::string_view::npos || low == std::string_view::npos) return std::nullopt;
    out.push_back(static_cast<char>(high * 16 + low));
    i += 2;
  }
  return out;
}

}  // namespace

Status CheckRunPath(std::string_view run) {
  if (run.empty() || run.size() > kRunPathBytesMax) {
    return InvalidArgument(
        StrCat("run: a name of ", run.size(), " bytes, want 1 to ", kRunPathBytesMax));
  }
  if (std::any_of(run.begin(), run.end(), IsControl) || HasC1Control(run)) {
    return InvalidArgument("run: the name holds a control character");
  }
  if (ToValidUtf8(run) != run) return InvalidArgument("run: the name is not UTF-8");
  const std::vector<std::string_view> parts = Split(run, '/');
  if (parts.size() > kRunPathPartsMax) {
    return InvalidArgument(StrCat("run ", Quoted(run), " has ", parts.size(),
                                  " parts, want at most ", kRunPathPartsMax));
  }
  for (const std::string_view part : parts) {
    if (part.empty() || part == "." || part == "..") {
      return InvalidArgument(StrCat("run ", Quoted(run), " has a part ", Quoted(part),
                                    ": want names between single slashes"));
    }
  }
  return {};
}

Status CheckWriterName(std::string_view writer) {
  if (writer.empty() || writer.size() > kWriterNameBytesMax) {
    return InvalidArgument(
        StrCat("writer: a name of ", writer.size(), " bytes, want 1 to ", kWriterNameBytesMax));
  }
  const bool is_plain = std::all_of(writer.begin(), writer.end(), [](char c) {
    return IsLetterOrDigit(c) || c == '.' || c == '_' || c == '-' || c == '%';
  });
  if (!is_plain || writer.front() == '.') {
    return InvalidArgument(
        "writer: want letters, digits, '.', '_', '-' and '%', the first not a '.'");
  }
  return {};
}

std::string RunFolder(std::string_view run) {
  std::string encoded;
  for (const char c : run) {
    if (IsLetterOrDigit(c) || c == '-' || c == '_') {
      encoded.push_back(c);
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    encoded.append({'%', kHexDigits[byte / 16], kHexDigits[byte % 16]});
  }
  std::string folder;
  for (size_t at = 0; at < encoded.size(); at += kFolderPartBytes) {
    if (at > 0) folder.push_back('/');
    folder.append(encoded, at, kFolderPartBytes);
  }
  return folder;
}

std::optional<std::string> RunOfFolder(std::string_view folder) {
  std::string encoded(folder);
  std::erase(encoded, '/');
  std::optional<std::string> run = PercentDecode(encoded);
  if (!run || !CheckRunPath(*run).ok() || RunFolder(*run) != folder) return std::nullopt;
  return run;
}

std::string IngestFileName(IngestKind kind, std::string_view writer) {
  return StrCat(kind == IngestKind::kRecords ? kRecordsPrefix : kScalarsPrefix, writer);
}

std::string TwinName(std::string_view name) {
  const std::string prefix = StrCat(kIngestPrefix, kRecordsPrefix);
  if (name.starts_with(prefix)) return std::string(name.substr(prefix.size()));
  return StrCat(prefix, name);
}

}  // namespace spirogram::store
