// Stands for the headers that cmake/flags.cmake precompiles.
