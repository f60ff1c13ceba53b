#!/usr/bin/env python3
"""Writes facts/vim.txt and facts/pbm.txt: the vSphere Web Services schema, and that of storage policies, as plain facts.

The facts (names of types, fields in wire order, flags, versions, methods, privileges, faults) are read
from the public type information of pyVmomi (PyPI, Apache-2.0) without importing it:

    python3 -m venv venv && venv/bin/pip install pyvmomi
    python3 extract.py venv/lib/python3*/site-packages/pyVmomi > facts/vim.txt
    python3 extract.py venv/lib/python3*/site-packages/pyVmomi pbm > facts/pbm.txt

The format is described at the top of the file that it writes.
"""
import os
import re
import sys

HEADER = """\
# The {title} as facts. Written by extract.py; do not edit.
# Source: the type information of pyVmomi {version} (Apache-2.0).
#
#   type NAME PARENT VERSION            a data type, followed by its own fields in wire order:
#    FIELD TYPE[flags] [VERSION]
#   enum NAME VALUE...                  an enumeration
#   object NAME PARENT VERSION          a managed object, followed by its properties and methods:
#    .PROPERTY TYPE[flags] [VERSION] [privilege=ID]
#    METHOD() RESULT[flags] [VERSION] [privilege=ID] [faults=A,B]
#     PARAMETER TYPE[flags] [VERSION]
#
# Flags: [] many, ? optional, ! secret. &NAME is a reference to a managed object of that kind.
# A version that is not written is that of the line above which holds it; 0 is "always".
"""
FLAG_OPTIONAL, FLAG_SECRET = 4, 8
# What the schema does not mark, and may hold passwords all the same: answer files, scripts, licence keys.
ALSO_SECRET = {("CustomizationSysprepText", "value"), ("CustomizationLinuxPrep", "scriptText"),
               ("CustomizationSysprep", "scriptText"), ("CustomizationCloudinitPrep", "userdata"),
               ("CustomizationUserData", "productId")}
PRIMITIVES = {
    "string": "string", "int": "int", "long": "long", "short": "short", "byte": "byte",
    "boolean": "boolean", "float": "float", "double": "double", "anyType": "any", "void": "void",
    "vmodl.Any": "any", "vmodl.DataObject": "any", "vmodl.DateTime": "string", "vmodl.Binary": "binary",
    "vmodl.URI": "string", "vmodl.TypeName": "string", "vmodl.PropertyPath": "string",
    "vmodl.MethodName": "string", "vmodl.ManagedMethod": "string", "vmodl.Version": "string",
}


TITLES = {"vim": "vSphere Web Services schema (vim25)", "pbm": "schema of storage policies (pbm), without what is in vim.txt,"}


def load(folder, schema):
    data, enums, managed, versions = {}, {}, {}, {}

    def members(rows):
        return [dict(name=r[0], type=r[1], version=r[2], flags=r[3], privilege=r[4] if len(r) > 4 else None)
                for r in rows or []]

    def create_data(vmodl, name, parent, version, fields):
        data[name] = dict(vmodl=vmodl, parent=parent, version=version, fields=members(fields))

    def create_enum(vmodl, name, version, values):
        enums[name] = dict(vmodl=vmodl, values=values)

    def create_managed(vmodl, name, parent, version, properties, methods):
        managed[name] = dict(
            vmodl=vmodl, parent=parent, version=version, properties=members(properties),
            methods=[dict(name=m[1], version=m[2], params=members(m[3]), result=m[4],
                          privilege=m[5] if len(m) > 5 else None, faults=m[6] if len(m) > 6 else None)
                     for m in methods or []])

    def add_version(key, namespace, number, *_):
        versions[key] = number

    env = dict(CreateDataType=create_data, CreateEnumType=create_enum, CreateManagedType=create_managed,
               AddVersion=add_version, AddVersionParent=lambda *_: None,
               AddBreakingChangesInfo=lambda *_: None,
               F_LINK=1, F_LINKABLE=2, F_OPTIONAL=FLAG_OPTIONAL, F_SECRET=FLAG_SECRET)
    for part in ("core", "query", "vim") + (() if schema == "vim" else (schema,)):
        with open(os.path.join(folder, f"_typeinfo_{part}.py")) as handle:
            source = handle.read()
        source = re.sub(r"^\s*from .*import.*$", "", source, flags=re.M)
        source = re.sub(r"^\w+Versions\.Add\(.*$", "", source, flags=re.M)
        exec(compile(source, part, "exec"), env)
    return data, enums, managed, versions


def main(folder, schema="vim"):
    data, enums, managed, versions = load(folder, schema)
    by_vmodl = {d["vmodl"]: n for n, d in data.items()}
    enum_by_vmodl = {d["vmodl"]: n for n, d in enums.items()}
    managed_by_vmodl = {d["vmodl"]: n for n, d in managed.items()}
    managed_by_vmodl["vmodl.ManagedObject"] = "ManagedObject"

    fault_roots = {"vmodl.MethodFault", "vmodl.RuntimeFault", "vmodl.LocalizedMethodFault"}

    def is_fault(name):
        while name:
            if data[name]["parent"] in fault_roots or data[name]["vmodl"] in fault_roots:
                return True
            name = by_vmodl.get(data[name]["parent"])
        return False

    def version(key):
        """A release as dotted numbers; the query and core schemas have been there always."""
        if not key.startswith(("vim.version.", "pbm.version.")):
            return "0"
        number = versions[key]
        if not re.fullmatch(r"[0-9.]+", number):
            match = re.fullmatch(r"\w+\.version\.v(\d+(_\d+)*)", key)
            number = match.group(1).replace("_", ".") if match else re.match(r"[0-9.]+", number).group(0)
        return number

    def kind(name):
        many = "[]" if name.endswith("[]") else ""
        name = name.removesuffix("[]")
        if name in by_vmodl:
            # A fault inside data travels as LocalizedMethodFault whatever its class.
            plain = by_vmodl[name]
            return ("fault" if is_fault(plain) else plain) + many
        if name in fault_roots:
            return "fault" + many
        if name in enum_by_vmodl:
            return enum_by_vmodl[name] + many
        if name in managed_by_vmodl:
            return "&" + managed_by_vmodl[name] + many
        return PRIMITIVES[name] + many

    def flags(bits):
        return ("?" if bits & FLAG_OPTIONAL else "") + ("!" if bits & FLAG_SECRET else "")

    def member(row, holder, prefix):
        line = f"{prefix}{row['name']} {kind(row['type'])}{flags(row['flags'])}"
        own = version(row["version"])
        if own != holder:
            line += f" {own}"
        if row["privilege"]:
            line += f" privilege={row['privilege']}"
        return line

    release = "unknown"
    for entry in os.listdir(os.path.dirname(os.path.abspath(folder))):
        match = re.fullmatch(r"pyvmomi-([0-9.]+)\.dist-info", entry)
        if match:
            release = match.group(1)
    out = [HEADER.format(version=release, title=TITLES[schema])]

    def own(rows):
        return sorted(n for n, row in rows.items() if schema == "vim" or row["vmodl"].startswith(schema + "."))

    for name in own(data):
        row = data[name]
        since = version(row["version"])
        out.append(f"type {name} {by_vmodl.get(row['parent'], '-')} {since}")
        for field in row["fields"]:
            if (name, field["name"]) in ALSO_SECRET:
                field["flags"] |= FLAG_SECRET
            out.append(member(field, since, " "))
    for name in own(enums):
        out.append(" ".join(["enum", name, *enums[name]["values"]]))
    for name in own(managed):
        row = managed[name]
        since = version(row["version"])
        out.append(f"object {name} {managed_by_vmodl.get(row['parent'], '-')} {since}")
        out += [member(p, since, " .") for p in row["properties"]]
        for method in row["methods"]:
            result = method["result"]
            returns = kind(result[1]) + flags(result[0]) if result else "void"
            newer = version(method["version"])
            line = f" {method['name']}() {returns}"
            if newer != since:
                line += f" {newer}"
            if method["privilege"]:
                line += f" privilege={method['privilege']}"
            if method["faults"]:
                line += " faults=" + ",".join(by_vmodl[f] for f in method["faults"] if f in by_vmodl)
            out.append(line)
            out += [member(p, newer, "  ") for p in method["params"]]
    print("\n".join(out))


if __name__ == "__main__":
    main(sys.argv[1].rstrip("/"), *sys.argv[2:3])
