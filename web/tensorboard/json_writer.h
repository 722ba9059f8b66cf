// JSON text written front to back. Answers of these routes hold every point of a series, so that a
// tree of values (web/json_internal.h) would take ten times the memory of the text.
//
// Numbers are as Python prints them; NaN and infinities become strings, as TensorBoard's do.
#pragma once

#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "base/str.h"

namespace spirogram::web::tensorboard {

// Not thread-safe. REQUIRES: calls form one value; keys within objects alone.
class JsonWriter {
 public:
  void BeginObject() { Open('{'); }
  void EndObject() { Close('}'); }
  void BeginArray() { Open('['); }
  void EndArray() { Close(']'); }

  // The name of the value that is written next. Bytes that are not UTF-8 become U+FFFD.
  void Key(std::string_view name);

  void String(std::string_view text);
  void Float(double value);
  void Bool(bool value) { Write(value ? "true" : "false"); }
  void Null() { Write("null"); }
  void Integer(std::integral auto value) { Write(StrCat(value)); }
  // A whole JSON value that is already text.
  void Raw(std::string_view json) { Write(json); }

  // Key and value in one.
  void Field(std::string_view name, std::string_view text) { Key(name), String(text); }
  void Field(std::string_view name, const char* text) { Key(name), String(text); }
  void Field(std::string_view name, double value) { Key(name), Float(value); }
  void Field(std::string_view name, bool value) { Key(name), Bool(value); }
  void Field(std::string_view name, std::integral auto value) { Key(name), Integer(value); }

  size_t size() const { return out_.size(); }
  std::string Finish() { return std::move(out_); }
  // What was written since the last call: what is written next goes on behind it.
  std::string Take() { return std::exchange(out_, {}); }

 private:
  void Separate();
  void Open(char bracket);
  void Close(char bracket);
  void Write(std::string_view text);
  void Quote(std::string_view text);

  std::string out_;
  bool needs_comma_ = false;
};

}  // namespace spirogram::web::tensorboard
