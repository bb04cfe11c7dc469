//! Storages that are made of another one and differ from it in a method or two.

/// Methods of a [`Storage`](super::Storage) that are those of another one. It stands in an `impl Storage` below its
/// `#[async_trait(?Send)]`, with the other storage as an expression of `self` and the names of the methods:
/// `delegate_storage!(|self| self.folder => list, size, read_range, remove);`.
///
/// A method that is not named is the trait's own as ever. What counts or changes the ranges that are read leaves `read`
/// out, which then goes through its `size` and `read_range`.
// What async_trait makes of the methods is written out: it does not see into macros. That saves a box, too.
#[macro_export]
macro_rules! delegate_storage {
    (|$self:ident| $inner:expr => $($method:ident),+ $(,)?) => {
        $($crate::delegate_storage!(@$method |$self| $inner);)+
    };
    (@list |$self:ident| $inner:expr) => {
        $crate::delegate_storage!(@fn list |$self| $inner, () -> Vec<$crate::storage::FileEntry>);
    };
    (@size |$self:ident| $inner:expr) => {
        $crate::delegate_storage!(@fn size |$self| $inner, () -> u64);
    };
    (@read_range |$self:ident| $inner:expr) => {
        $crate::delegate_storage!(@fn read_range |$self| $inner, (range: std::ops::Range<u64>) -> Vec<u8>);
    };
    (@read |$self:ident| $inner:expr) => {
        $crate::delegate_storage!(@fn read |$self| $inner, () -> Vec<u8>);
    };
    (@write |$self:ident| $inner:expr) => {
        $crate::delegate_storage!(@fn write |$self| $inner, (bytes: &'bytes [u8]) -> (), 'bytes);
    };
    (@begin |$self:ident| $inner:expr) => {
        $crate::delegate_storage!(@fn begin |$self| $inner, () -> Box<dyn $crate::storage::FileWriter + '_>);
    };
    (@remove |$self:ident| $inner:expr) => {
        $crate::delegate_storage!(@fn remove |$self| $inner, () -> ());
    };
    (@exists |$self:ident| $inner:expr) => {
        $crate::delegate_storage!(@fn exists |$self| $inner, () -> bool);
    };
    (@fn $method:ident |$self:ident| $inner:expr,
     ($($argument:ident: $kind:ty)?) -> $output:ty $(, $lifetime:lifetime)?) => {
        fn $method<'own, 'path, $($lifetime,)? 'future>(
            &'own $self,
            path: &'path str,
            $($argument: $kind)?
        ) -> std::pin::Pin<Box<dyn Future<Output = Result<$output, $crate::storage::StorageError>> + 'future>>
        where
            'own: 'future,
            'path: 'future,
            $($lifetime: 'future,)?
            Self: 'future,
        {
            $crate::storage::Storage::$method(&$inner, path $(, $argument)?)
        }
    };
}
