// The objects of a JSON array in a file, one after another, each as its text. Memory is bounded by
// one of them: at most 16 MiB.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "base/result.h"
#include "transfer/byte_source.h"
#include "transfer/json_text.h"

namespace spirogram::transfer {

// Where an object ends, found by its brackets alone, piece by piece.
class ObjectEnd {
 public:
  // How many of the bytes that come next are the object's: all, unless it ends among them.
  size_t Scan(std::string_view bytes);
  bool is_found() const { return is_found_; }

 private:
  int64_t depth_ = 0;
  bool is_string_ = false;
  bool is_escaped_ = false;
  bool is_found_ = false;
};

// Not thread-safe.
class JsonObjects {
 public:
  enum class Behind { kNothing, kAnything };  // the array

  // REQUIRES: the source is at the '['.
  JsonObjects(ByteSource source, Behind behind) : source_(std::move(source)), behind_(behind) {}

  // The next object, or what seems to be one; false at the end. Errors name the file and the line.
  // The text is valid until the next call.
  Result<bool> Next(std::string_view* text);
  // Where the object begins that Next gave.
  int64_t line() const { return line_; }
  // Of the file.
  uint64_t bytes_read() const { return source_.bytes_read(); }
  // What is wrong with the object that Next gave.
  Error ErrorIn(const JsonText& object) const { return source_.ErrorAt(line_, object.Complaint()); }

 private:
  // What comes next but for spaces.
  Result<char> PeekVisible();
  Result<bool> ReadObject(std::string_view* text);
  Result<bool> ReadEnd();

  ByteSource source_;
  Behind behind_;
  bool is_begun_ = false;
  int64_t line_ = 0;
  std::string joined_;  // an object that is in several pieces
};

}  // namespace spirogram::transfer
