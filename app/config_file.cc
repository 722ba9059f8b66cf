#include "app/config_file.h"

#include <algorithm>
#include <cctype>
#include <iterator>
#include <string_view>
#include <utility>

#include "base/result.h"
#include "base/str.h"

namespace spirogram::app {
namespace {

constexpr std::string_view kSectionBegin = "++";  // the library's name for it

bool IsWordChar(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 ||
         std::string_view("_-+.:/~@").find(c) != std::string_view::npos;
}

class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text) {}

  Result<std::vector<CLI::ConfigItem>> Parse(std::map<std::string, int>* lines) {
    std::vector<CLI::ConfigItem> items;
    std::vector<std::string> section;
    SkipToStatement();
    while (!IsAtEnd()) {
      const int line = line_;
      CLI::ConfigItem item;
      if (Take('[')) {
        ASSIGN_OR_RETURN(section, ReadSection());
        item = {section, std::string(kSectionBegin), {}};
      } else {
        ASSIGN_OR_RETURN(item, ReadSetting(section));
        if (lines->contains(item.fullname())) {
          return Malformed(StrCat(item.fullname(), " is set again; the first time in line ",
                                  (*lines)[item.fullname()]));
        }
      }
      lines->emplace(item.fullname(), line);
      items.push_back(std::move(item));
      RETURN_IF_ERROR(ExpectLineEnd());
      SkipToStatement();
    }
    return items;
  }

 private:
  bool IsAtEnd() const { return at_ == text_.size(); }
  char Peek() const { return IsAtEnd() ? '\n' : text_[at_]; }
  bool Take(char c) {
    if (IsAtEnd() || text_[at_] != c) return false;
    ++at_;
    return true;
  }
  Error Malformed(const std::string& what) const {
    return InvalidArgument(StrCat("line ", line_, ": ", what));
  }
  // What stands from here to the end of the line.
  std::string Rest() const {
    const std::string_view rest = text_.substr(at_, text_.find('\n', at_) - at_);
    return rest.empty() ? "the end of the line" : Quoted(rest);
  }

  void SkipSpaces() {
    while (!IsAtEnd() && (Peek() == ' ' || Peek() == '\t' || Peek() == '\r')) ++at_;
  }
  void SkipComment() {
    if (Peek() == '#') at_ = std::min(text_.find('\n', at_), text_.size());
  }
  // Over blank lines and comments.
  void SkipToStatement() {
    while (true) {
      SkipSpaces();
      SkipComment();
      if (!Take('\n')) return;
      ++line_;
    }
  }
  Status ExpectLineEnd() {
    SkipSpaces();
    SkipComment();
    if (Peek() == '\n') return {};
    return Malformed(StrCat("got ", Rest(), " behind the value, want the end of the line"));
  }

  // "a", "a.b": the parts.
  Result<std::vector<std::string>> ReadName(const char* what) {
    std::vector<std::string> parts;
    do {
      SkipSpaces();
      std::string& part = parts.emplace_back();
      if (Peek() == '"' || Peek() == '\'') {
        ASSIGN_OR_RETURN(part, ReadString());
      } else {
        while (!IsAtEnd() && Peek() != '.' && IsWordChar(Peek())) part.push_back(text_[at_++]);
      }
      if (part.empty()) return Malformed(StrCat("got ", Rest(), ", want ", what));
      SkipSpaces();
    } while (Take('.'));
    return parts;
  }

  Result<std::vector<std::string>> ReadSection() {
    const bool is_double = Take('[');
    ASSIGN_OR_RETURN(auto name, ReadName("the name of a section"));
    if (Take(']') && (!is_double || Take(']'))) return name;
    return Malformed(StrCat("got ", Rest(), ", want ] behind the name of the section"));
  }

  Result<CLI::ConfigItem> ReadSetting(const std::vector<std::string>& section) {
    CLI::ConfigItem item;
    ASSIGN_OR_RETURN(std::vector<std::string> name, ReadName("the name of a flag or a [section]"));
    item.name = std::move(name.back());
    name.pop_back();
    item.parents = section;
    item.parents.insert(item.parents.end(), name.begin(), name.end());
    if (!Take('=')) {
      return Malformed(StrCat("got ", Rest(), " behind ", item.name, ", want = and a value"));
    }
    SkipSpaces();
    if (Take('[')) {
      RETURN_IF_ERROR(ReadArray(&item.inputs));
    } else {
      ASSIGN_OR_RETURN(item.inputs.emplace_back(), ReadValue());
    }
    return item;
  }

  // Over as many lines as it takes.
  Status ReadArray(std::vector<std::string>* values) {
    while (true) {
      SkipToStatement();
      if (Take(']')) return {};
      ASSIGN_OR_RETURN(values->emplace_back(), ReadValue());
      SkipToStatement();
      if (Take(',')) continue;
      if (Take(']')) return {};
      return Malformed(StrCat("got ", Rest(), " in an array, want , or ]"));
    }
  }

  Result<std::string> ReadValue() {
    if (Peek() == '"' || Peek() == '\'') return ReadString();
    std::string word;
    while (!IsAtEnd() && IsWordChar(Peek())) word.push_back(text_[at_++]);
    if (!word.empty()) return word;
    return Malformed(
        StrCat("got ", Rest(), ", want a number, true, false, or a text between quotes"));
  }

  // Between double quotes with escapes, between single ones as it stands.
  Result<std::string> ReadString() {
    const char quote = text_[at_++];
    std::string value;
    while (Peek() != '\n') {
      const char c = text_[at_++];
      if (c == quote) return value;
      if (c != '\\' || quote == '\'') {
        value.push_back(c);
        continue;
      }
      constexpr std::string_view kLetters = "\"\\tnrbf";
      constexpr std::string_view kMeanings = "\"\\\t\n\r\b\f";
      const size_t letter = kLetters.find(Peek());
      if (letter == std::string_view::npos) {
        return Malformed(StrCat("got ", Rest(), " behind \\, want one of ", kLetters,
                                "; single quotes take a text as it stands"));
      }
      value.push_back(kMeanings[letter]);
      ++at_;
    }
    return Malformed(StrCat("a text begins with ", std::string(1, quote), " and does not end"));
  }

  const std::string_view text_;
  size_t at_ = 0;
  int line_ = 1;
};

}  // namespace

std::vector<CLI::ConfigItem> ConfigFile::from_config(std::istream& input) const {
  const std::string text{std::istreambuf_iterator<char>(input), {}};
  lines_.clear();
  Result<std::vector<CLI::ConfigItem>> settings = Parser(text).Parse(&lines_);
  if (!settings.ok()) throw CLI::ConfigError(settings.error().message);
  return std::move(settings).value();
}

int ConfigFile::LineOf(const std::string& name) const {
  const auto line = lines_.find(name);
  return line == lines_.end() ? 0 : line->second;
}

}  // namespace spirogram::app
