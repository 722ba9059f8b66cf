// Protobuf's wire format, read and written field by field, without a schema.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace spirogram::web::tensorboard {

// Views into the message. Not thread-safe.
class WireReader {
 public:
  enum class Type { kVarint = 0, kFixed64 = 1, kBytes = 2, kFixed32 = 5 };

  explicit WireReader(std::string_view message) : rest_(message) {}

  // To the next field; false at the end or at what is no field. Groups are none.
  bool Next();
  // Whether all that Next() saw was well formed.
  bool ok() const { return is_ok_; }

  int field() const { return field_; }
  Type type() const { return type_; }
  uint64_t number() const { return number_; }        // of the three number types
  std::string_view bytes() const { return bytes_; }  // of kBytes
  std::string_view raw() const { return raw_; }      // the field with its key

  // The next number of a packed field's `type`; false at the end and at what is none.
  bool NextPacked(Type type);

 private:
  bool ReadVarint(uint64_t* value);
  bool ReadFixed(size_t size);
  bool ReadValue();

  std::string_view rest_;
  std::string_view raw_;
  std::string_view bytes_;
  uint64_t number_ = 0;
  int field_ = 0;
  Type type_ = Type::kVarint;
  bool is_ok_ = true;
};

void AppendVarint(uint64_t value, std::string* out);
// A length-delimited field.
void AppendField(int field, std::string_view bytes, std::string* out);

}  // namespace spirogram::web::tensorboard
