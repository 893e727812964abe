// A compiled module that does not say that it can do without the GIL: importing it turns it on.

#include <Python.h>

PyMODINIT_FUNC PyInit_old_module() {
  static PyModuleDef definition = {.m_base = PyModuleDef_HEAD_INIT,
                                   .m_name = "old_module",
                                   .m_doc = nullptr,
                                   .m_size = -1,
                                   .m_methods = nullptr,
                                   .m_slots = nullptr,
                                   .m_traverse = nullptr,
                                   .m_clear = nullptr,
                                   .m_free = nullptr};
  return PyModule_Create(&definition);
}
