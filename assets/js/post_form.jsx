// A native POST form. When `leaving`, the tab's state token goes too: the next person here starts afresh.
import React from "react";

export function PostForm({ action, leaving = false, className, children }) {
  const forget = () => leaving && sessionStorage.removeItem("token");
  return (
    <form method="post" action={action} className={className} onSubmit={forget}>
      {children}
    </form>
  );
}
