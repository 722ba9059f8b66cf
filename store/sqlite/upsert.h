// The statement that inserts a row or replaces the one with the same key, in the form that SQLite
// and PostgreSQL share.
#pragma once

#include <initializer_list>
#include <string>

namespace spirogram::store {

// Takes the columns' values in the order keys, then others: ?1, ?2, ...
inline std::string UpsertSql(const std::string& table, std::initializer_list<const char*> keys,
                             std::initializer_list<const char*> others) {
  std::string columns;
  std::string places;
  std::string key_columns;
  std::string updates;
  int index = 0;
  const auto append = [](std::string* list, const std::string& item) {
    list->append(list->empty() ? "" : ", ").append(item);
  };
  for (const char* key : keys) {
    append(&columns, key);
    append(&key_columns, key);
    append(&places, "?" + std::to_string(++index));
  }
  for (const char* other : others) {
    append(&columns, other);
    append(&places, "?" + std::to_string(++index));
    append(&updates, std::string(other) + " = excluded." + other);
  }
  return "INSERT INTO " + table + " (" + columns + ") VALUES (" + places + ") ON CONFLICT (" +
         key_columns + ") DO UPDATE SET " + updates;
}

}  // namespace spirogram::store
