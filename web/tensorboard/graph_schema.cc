#include "web/tensorboard/graph_schema.h"

#include <map>
#include <optional>
#include <string>
#include <utility>

#include "base/check.h"
#include "web/tensorboard/graph_schema_rows.h"

namespace spirogram::web::tensorboard {
namespace {

using SchemaMap = std::map<std::string_view, MessageSchema>;

std::optional<FieldType> ScalarType(std::string_view name) {
  static constexpr std::pair<std::string_view, FieldType> kTypes[] = {
      {"string", FieldType::kString},   {"bytes", FieldType::kBytes},
      {"bool", FieldType::kBool},       {"double", FieldType::kDouble},
      {"float", FieldType::kFloat},     {"int32", FieldType::kInt32},
      {"int64", FieldType::kInt64},     {"uint32", FieldType::kUint32},
      {"uint64", FieldType::kUint64},   {"fixed32", FieldType::kFixed32},
      {"fixed64", FieldType::kFixed64},
  };
  for (const auto& [type_name, type] : kTypes) {
    if (type_name == name) return type;
  }
  return std::nullopt;
}

bool IsEnum(std::string_view name) {
  for (const EnumRow& row : kEnumRows) {
    if (row.enum_name == name) return true;
  }
  return false;
}

SchemaMap BuildSchemas() {
  SchemaMap schemas;
  for (const FieldRow& row : kFieldRows) schemas[row.message].name = row.message;
  for (const FieldRow& row : kFieldRows) {
    FieldSchema field;
    field.number = row.number;
    field.name = row.name;
    field.label = row.label;
    if (const auto scalar = ScalarType(row.type)) {
      field.type = *scalar;
    } else {
      field.type_name = row.type;
      field.type = IsEnum(row.type) ? FieldType::kEnum : FieldType::kMessage;
      if (field.type == FieldType::kMessage) field.message = &schemas[row.type];
    }
    schemas[row.message].fields.push_back(field);
  }
  return schemas;
}

}  // namespace

const FieldSchema* MessageSchema::Find(int number) const {
  for (const FieldSchema& field : fields) {
    if (field.number == number) return &field;
  }
  return nullptr;
}

const MessageSchema& SchemaOf(std::string_view message) {
  static const SchemaMap schemas = BuildSchemas();
  const auto schema = schemas.find(message);
  CHECK(schema != schemas.end());
  return schema->second;
}

std::string_view EnumValueName(std::string_view enum_name, int64_t number) {
  for (const EnumRow& row : kEnumRows) {
    if (row.enum_name == enum_name && row.number == number) return row.name;
  }
  return {};
}

}  // namespace spirogram::web::tensorboard
