#include "web/tensorboard/json_writer.h"

#include <cmath>

#include "web/tensorboard/python_text.h"

namespace spirogram::web::tensorboard {
namespace {

constexpr char kHexDigits[] = "0123456789abcdef";

}  // namespace

void JsonWriter::Separate() {
  if (needs_comma_) out_.append(", ");
  needs_comma_ = true;
}

void JsonWriter::Open(char bracket) {
  Separate();
  out_.push_back(bracket);
  needs_comma_ = false;
}

void JsonWriter::Close(char bracket) {
  out_.push_back(bracket);
  needs_comma_ = true;
}

void JsonWriter::Write(std::string_view text) {
  Separate();
  out_.append(text);
}

void JsonWriter::Key(std::string_view name) {
  Separate();
  Quote(name);
  out_.append(": ");
  needs_comma_ = false;
}

void JsonWriter::String(std::string_view text) {
  Separate();
  Quote(text);
}

void JsonWriter::Quote(std::string_view text) {
  out_.push_back('"');
  for (const char c : ToValidUtf8(text)) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out_.append({'\\', c});
    } else if (c == '\n') {
      out_.append("\\n");
    } else if (byte < 0x20) {
      out_.append({'\\', 'u', '0', '0', kHexDigits[byte >> 4], kHexDigits[byte & 15]});
    } else {
      out_.push_back(c);
    }
  }
  out_.push_back('"');
}

void JsonWriter::Float(double value) {
  if (std::isnan(value)) return String("NaN");
  if (std::isinf(value)) return String(value > 0 ? "Infinity" : "-Infinity");
  Write(PythonFloat(value));
}

}  // namespace spirogram::web::tensorboard
