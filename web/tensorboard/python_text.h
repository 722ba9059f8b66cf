// Values as Python prints them: TensorBoard's error texts, CSV files and JSON numbers are made by
// Python, and tools compare or parse them. Pure functions.
#pragma once

#include <string>
#include <string_view>

namespace spirogram::web::tensorboard {

// repr(float): "1.0", "1e-05", "0.1", "1e+16", "nan", "inf", "-inf". The shortest digits that read
// back as the same float64.
std::string PythonFloat(double value);

// repr(str) of an Excerpt: "'loss'", "\"it's\"", "'a\\nb'"; "None" for nullptr. All beyond ASCII
// counts as printable.
std::string PythonRepr(std::string_view name);
std::string PythonRepr(const std::string* text);

// A field of csv.writer: quoted where it holds a comma, a quote or a line end.
std::string CsvField(std::string_view text);

}  // namespace spirogram::web::tensorboard
