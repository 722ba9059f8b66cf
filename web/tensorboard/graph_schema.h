// The fields of TensorFlow's GraphDef and RunMetadata and of all that they hold: what a reader of
// protobuf's wire format needs to print them as text. Names and numbers are TensorFlow's
// (core/framework/*.proto, core/protobuf/config.proto).
//
// A table instead of generated classes: a graph is only printed here, its strings need not be valid
// UTF-8, and one odd field must not cost the whole graph.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace spirogram::web::tensorboard {

struct MessageSchema;

enum class FieldType {
  kMessage,
  kEnum,
  kString,
  kBytes,
  kBool,
  kDouble,
  kFloat,
  kInt32,
  kInt64,
  kUint32,
  kUint64,
  kFixed32,
  kFixed64,
};

struct FieldSchema {
  // Implicit fields show where they are not zero, those with presence where they were set.
  enum class Label { kImplicit, kPresence, kRepeated, kMap };

  int number = 0;
  std::string_view name;
  FieldType type = FieldType::kMessage;
  Label label = Label::kImplicit;
  std::string_view type_name;              // of messages and enums
  const MessageSchema* message = nullptr;  // of kMessage
};

struct MessageSchema {
  std::string_view name;
  std::vector<FieldSchema> fields;  // by number

  // nullptr for a number that it does not know.
  const FieldSchema* Find(int number) const;
};

// "GraphDef", "RunMetadata" or another of the table. REQUIRES: it is one.
const MessageSchema& SchemaOf(std::string_view message);

// "DT_FLOAT"; empty for a number without a name.
std::string_view EnumValueName(std::string_view enum_name, int64_t number);

}  // namespace spirogram::web::tensorboard
