#include "store/run_labels.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "base/str.h"

namespace spirogram::store {
namespace {

std::string_view Trimmed(std::string_view text) {
  constexpr std::string_view kSpace = " \t\r\n";
  const size_t first = text.find_first_not_of(kSpace);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kSpace) - first + 1);
}

bool StartsWithAny(std::string_view text, std::initializer_list<std::string_view> beginnings) {
  for (const std::string_view beginning : beginnings) {
    if (text.starts_with(beginning)) return true;
  }
  return false;
}

// A control character, or one that turns the direction of the text around it: a name with either
// can look like another name.
bool HasControl(std::string_view text) {
  for (size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if (byte < 0x20 || byte == 0x7F) return true;
    if (byte == 0xC2 && i + 1 < text.size() && static_cast<unsigned char>(text[i + 1]) < 0xA0) {
      return true;
    }
    if (byte == 0xE2 &&
        StartsWithAny(
            text.substr(i),
            {"\xE2\x80\x8E", "\xE2\x80\x8F", "\xE2\x80\xA8", "\xE2\x80\xA9", "\xE2\x80\xAA",
             "\xE2\x80\xAB", "\xE2\x80\xAC", "\xE2\x80\xAD", "\xE2\x80\xAE", "\xE2\x81\xA6",
             "\xE2\x81\xA7", "\xE2\x81\xA8", "\xE2\x81\xA9"})) {
      return true;
    }
  }
  return false;
}

Status CheckText(const char* field, std::string_view text, size_t bytes_max) {
  if (text.size() > bytes_max) {
    return InvalidArgument(
        StrCat("field ", field, ": got ", text.size(), " bytes, want at most ", bytes_max));
  }
  if (ToValidUtf8(text) != text) return InvalidArgument(StrCat("field ", field, ": not UTF-8"));
  return {};
}

Result<std::string> OneLine(const char* field, std::string_view text, size_t bytes_max) {
  const std::string_view trimmed = Trimmed(text);
  RETURN_IF_ERROR(CheckText(field, trimmed, bytes_max));
  if (HasControl(trimmed)) {
    return InvalidArgument(StrCat("field ", field, ": has a control or direction character"));
  }
  return std::string(trimmed);
}

Result<std::string> Note(const std::string& text) {
  RETURN_IF_ERROR(CheckText("note", text, kRunNoteBytesMax));
  if (text.find('\0') != std::string::npos) return InvalidArgument("field note: has a NUL");
  return text;
}

Result<std::string> Colour(const std::string& text) {
  if (text.empty()) return text;
  std::string colour;
  for (const char c : text) {
    colour.push_back(c >= 'A' && c <= 'F' ? static_cast<char>(c - 'A' + 'a') : c);
  }
  const bool is_colour = colour.size() == 7 && colour[0] == '#' &&
                         colour.find_first_not_of("0123456789abcdef", 1) == std::string::npos;
  if (is_colour) return colour;
  return InvalidArgument(StrCat("field colour: got ", Quoted(text), ", want \"#rrggbb\" or null"));
}

Result<std::vector<std::string>> Tags(const char* field, const std::vector<std::string>& texts) {
  std::vector<std::string> tags;
  for (const std::string& text : texts) {
    ASSIGN_OR_RETURN(std::string tag, OneLine(field, text, kRunTagBytesMax));
    if (tag.empty()) return InvalidArgument(StrCat("field ", field, ": a tag is empty"));
    tags.push_back(std::move(tag));
  }
  std::sort(tags.begin(), tags.end());
  tags.erase(std::unique(tags.begin(), tags.end()), tags.end());
  return tags;
}

Status EditTags(const RunEdit& edit, std::vector<std::string>* tags) {
  if (edit.tags) {
    ASSIGN_OR_RETURN(*tags, Tags("tags", *edit.tags));
  }
  ASSIGN_OR_RETURN(const auto added, Tags("add_tags", edit.add_tags));
  ASSIGN_OR_RETURN(const auto removed, Tags("remove_tags", edit.remove_tags));
  tags->insert(tags->end(), added.begin(), added.end());
  std::erase_if(*tags, [&](const std::string& tag) {
    return std::binary_search(removed.begin(), removed.end(), tag);
  });
  std::sort(tags->begin(), tags->end());
  tags->erase(std::unique(tags->begin(), tags->end()), tags->end());
  if (tags->size() <= kRunTagsMax) return {};
  return InvalidArgument(
      StrCat("field tags: got ", tags->size(), " tags, want at most ", kRunTagsMax));
}

}  // namespace

const char* PurgeStateName(PurgeState state) {
  switch (state) {
    case PurgeState::kNone:
      return "none";
    case PurgeState::kRunning:
      return "running";
    case PurgeState::kDone:
      return "done";
  }
  return "none";
}

Result<bool> ApplyEdit(const RunEdit& edit, RunLabels* labels) {
  RunLabels after = *labels;
  if (edit.name) {
    ASSIGN_OR_RETURN(after.name, OneLine("name", *edit.name, kRunNameBytesMax));
  }
  if (edit.note) {
    ASSIGN_OR_RETURN(after.note, Note(*edit.note));
    after.note_bytes = after.note.size();
  }
  RETURN_IF_ERROR(EditTags(edit, &after.tags));
  if (edit.colour) {
    ASSIGN_OR_RETURN(after.colour, Colour(*edit.colour));
  }
  after.is_archived = edit.is_archived.value_or(after.is_archived);
  after.is_pinned = edit.is_pinned.value_or(after.is_pinned);
  const bool is_changed = after.name != labels->name || after.note != labels->note ||
                          after.tags != labels->tags || after.colour != labels->colour ||
                          after.is_archived != labels->is_archived ||
                          after.is_pinned != labels->is_pinned;
  *labels = std::move(after);
  return is_changed;
}

}  // namespace spirogram::store
