#include "web/tensorboard/proto_text.h"

#include <bit>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <map>
#include <vector>

#include "base/str.h"
#include "base/wire.h"

namespace spirogram::web::tensorboard {
namespace {

using Label = FieldSchema::Label;
using Type = WireReader::Type;

Type WireType(FieldType type) {
  switch (type) {
    case FieldType::kMessage:
    case FieldType::kString:
    case FieldType::kBytes:
      return Type::kBytes;
    case FieldType::kDouble:
    case FieldType::kFixed64:
      return Type::kFixed64;
    case FieldType::kFloat:
    case FieldType::kFixed32:
      return Type::kFixed32;
    default:
      return Type::kVarint;
  }
}

bool IsText(FieldType type) {
  return type == FieldType::kString || type == FieldType::kBytes;
}

// What protobuf prints: the shorter of two precisions that reads back as the same number.
std::string RoundTrip(double value, int digits, int digits_more, bool is_float) {
  if (std::isnan(value)) return "nan";
  if (std::isinf(value)) return value > 0 ? "inf" : "-inf";
  char text[40];
  const int length = std::snprintf(text, sizeof text, "%.*g", digits, value);
  double read = 0;
  std::from_chars(text, text + length, read);
  const bool is_same =
      is_float ? static_cast<float>(read) == static_cast<float>(value) : read == value;
  if (!is_same) std::snprintf(text, sizeof text, "%.*g", digits_more, value);
  return text;
}

void AppendQuoted(std::string_view text, bool is_bytes, std::string* out) {
  out->push_back('"');
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '\n') {
      out->append("\\n");
    } else if (c == '\r') {
      out->append("\\r");
    } else if (c == '\t') {
      out->append("\\t");
    } else if (c == '"' || c == '\'' || c == '\\') {
      out->append({'\\', c});
    } else if (byte < 0x20 || byte == 0x7F || (is_bytes && byte >= 0x80)) {
      out->append({'\\', static_cast<char>('0' + (byte >> 6)),
                   static_cast<char>('0' + (byte >> 3 & 7)), static_cast<char>('0' + (byte & 7))});
    } else {
      out->push_back(c);
    }
  }
  out->push_back('"');
}

std::string NumberText(const FieldSchema& field, uint64_t number) {
  switch (field.type) {
    case FieldType::kBool:
      return number != 0 ? "true" : "false";
    case FieldType::kDouble:
      return RoundTrip(std::bit_cast<double>(number), 15, 17, false);
    case FieldType::kFloat:
      return RoundTrip(std::bit_cast<float>(static_cast<uint32_t>(number)), 6, 9, true);
    case FieldType::kInt32:
      return StrCat(static_cast<int32_t>(number));
    case FieldType::kInt64:
      return StrCat(static_cast<int64_t>(number));
    case FieldType::kUint32:
    case FieldType::kFixed32:
      return StrCat(static_cast<uint32_t>(number));
    case FieldType::kEnum: {
      const auto value = static_cast<int32_t>(number);
      const std::string_view name = EnumValueName(field.type_name, value);
      return name.empty() ? StrCat(value) : std::string(name);
    }
    default:
      return StrCat(number);
  }
}

// A field's values in the order of the message.
struct Values {
  std::vector<uint64_t> numbers;
  std::vector<std::string_view> bytes;
};

class Printer {
 public:
  std::string Finish() { return std::move(out_); }

  Status Message(const MessageSchema& schema, std::string_view message, int depth) {
    if (depth > kTextDepthMax) {
      return Exhausted(StrCat("message nested deeper than ", kTextDepthMax, " levels"));
    }
    std::map<int, Values> fields;
    RETURN_IF_ERROR(Collect(schema, message, &fields));
    for (const auto& [number, values] : fields) {
      RETURN_IF_ERROR(Field(*schema.Find(number), values, depth));
    }
    return {};
  }

 private:
  static Status Collect(const MessageSchema& schema, std::string_view message,
                        std::map<int, Values>* fields) {
    WireReader reader(message);
    while (reader.Next()) {
      const FieldSchema* field = schema.Find(static_cast<int>(reader.field()));
      if (field == nullptr) continue;
      const Type wanted = WireType(field->type);
      Values& values = (*fields)[field->number];
      if (reader.type() != wanted) {
        if (reader.type() != Type::kBytes || field->label != Label::kRepeated) continue;
        WireReader packed(reader.bytes());
        while (packed.NextPacked(wanted)) values.numbers.push_back(packed.number());
        if (!packed.ok()) return Corruption(StrCat(schema.name, ": malformed message"));
      } else if (wanted == Type::kBytes) {
        values.bytes.push_back(reader.bytes());
      } else {
        values.numbers.push_back(reader.number());
      }
    }
    if (!reader.ok()) return Corruption(StrCat(schema.name, ": malformed message"));
    return {};
  }

  Status Field(const FieldSchema& field, const Values& values, int depth) {
    if (out_.size() > kTextBytesMax) {
      return Exhausted(StrCat("text of more than ", kTextBytesMax, " bytes"));
    }
    if (field.label == Label::kMap) return Map(field, values, depth);
    const bool is_list = field.label == Label::kRepeated;
    if (field.type == FieldType::kMessage) {
      if (is_list || values.bytes.size() == 1) {
        for (std::string_view bytes : values.bytes) RETURN_IF_ERROR(Child(field, bytes, depth));
        return {};
      }
      // What came in parts is their sum: concatenated messages merge.
      std::string merged;
      for (std::string_view bytes : values.bytes) merged.append(bytes);
      return values.bytes.empty() ? Status() : Child(field, merged, depth);
    }
    if (IsText(field.type)) {
      for (size_t i = is_list || values.bytes.empty() ? 0 : values.bytes.size() - 1;
           i < values.bytes.size(); ++i) {
        if (field.label == Label::kImplicit && values.bytes[i].empty()) continue;
        Indent(depth).append(field.name).append(": ");
        AppendQuoted(values.bytes[i], field.type == FieldType::kBytes, &out_);
        out_.push_back('\n');
      }
      return {};
    }
    for (size_t i = is_list || values.numbers.empty() ? 0 : values.numbers.size() - 1;
         i < values.numbers.size(); ++i) {
      if (field.label == Label::kImplicit && values.numbers[i] == 0) continue;
      Indent(depth).append(field.name).append(": ");
      out_.append(NumberText(field, values.numbers[i])).push_back('\n');
    }
    return {};
  }

  Status Child(const FieldSchema& field, std::string_view bytes, int depth) {
    Indent(depth).append(field.name).append(" {\n");
    RETURN_IF_ERROR(Message(*field.message, bytes, depth + 1));
    Indent(depth).append("}\n");
    return {};
  }

  // Entries by key, of which the last one of a key counts. Maps here have strings or 32-bit numbers
  // as keys.
  Status Map(const FieldSchema& field, const Values& values, int depth) {
    std::map<std::pair<int64_t, std::string_view>, std::string_view> entries;
    for (std::string_view bytes : values.bytes) {
      std::pair<int64_t, std::string_view> key;
      WireReader reader(bytes);
      while (reader.Next()) {
        if (reader.field() != 1) continue;
        if (reader.type() == Type::kBytes) key.second = reader.bytes();
        if (reader.type() == Type::kVarint) key.first = static_cast<int64_t>(reader.number());
      }
      entries[key] = bytes;
    }
    for (const auto& [key, bytes] : entries) RETURN_IF_ERROR(Child(field, bytes, depth));
    return {};
  }

  std::string& Indent(int depth) { return out_.append(static_cast<size_t>(depth) * 2, ' '); }

  std::string out_;
};

}  // namespace

Result<std::string> PrintMessage(const MessageSchema& schema, std::string_view message) {
  Printer printer;
  RETURN_IF_ERROR(printer.Message(schema, message, 0));
  return printer.Finish();
}

}  // namespace spirogram::web::tensorboard
