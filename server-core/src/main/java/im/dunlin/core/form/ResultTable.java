// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.form;

import im.dunlin.core.stanza.FormFields;
import im.dunlin.core.xml.Element;
import im.dunlin.core.xml.ElementBuilder;
import im.dunlin.core.xml.Name;
import im.dunlin.core.xml.Ns;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Several results of the same fields (XEP-0004 §3.4). */
public record ResultTable(@Nullable String formType, String title, List<Field> columns, List<List<String>> rows) {
    private static final Name REPORTED = Name.of(Ns.DATA_FORMS, "reported");
    private static final Name ITEM = Name.of(Ns.DATA_FORMS, "item");

    public ResultTable {
        columns = List.copyOf(columns);
        rows = List.copyOf(rows);
    }

    public Element result() {
        ElementBuilder form = Form.start("result", title, null, formType);
        ElementBuilder reported = Element.builder(REPORTED);
        columns.forEach(column -> reported.child(column.element(false)));
        form.child(reported.build());
        for (List<String> row : rows) {
            ElementBuilder item = Element.builder(ITEM);
            for (int i = 0; i < columns.size(); i++) {
                item.child(Element.builder(FormFields.FIELD)
                        .attr("var", columns.get(i).var())
                        .child(FormFields.VALUE, row.get(i))
                        .build());
            }
            form.child(item.build());
        }
        return form.build();
    }
}
